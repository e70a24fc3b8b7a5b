"""Somebody who works on tasks, by a desk of the test's own, as consoles have one: so that some are closed."""

import asyncio
from collections.abc import Callable

from domain.retention.commands import About, Accept, Close, PeoplesCommand
from domain.retention.task import RetentionTask, TaskState
from events.task_values import Actor, ActorRole, Outcome
from infra.clock import SystemClock
from infra.desk.desk import TaskDesk
from infra.desk.kept_policy import policy_in_use, rules_by
from infra.desk.now import moment_of
from infra.desk.port import Done
from infra.desk.postgres import PostgresDesk
from infra.desk.reading import DeskReader, InboxQuery
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from tests.faults.soak.site import Site

TASKS_A_VISIT = 3


def work(site: Site) -> int:
    """Accept and close some tasks that are offered; return how many. Only while all is well."""
    return asyncio.run(_work(site))


async def _work(site: Site) -> int:
    log = await KafkaLog.open(site.settings(), SystemClock())
    store = PostgresDesk(site.postgres_settings())
    policy = policy_in_use(store)
    assert policy is not None
    rules = rules_by(policy, head_of(log).identity.business_timezone)
    desk = TaskDesk(store, rules, lambda: moment_of(head_of(log), site.now), log.partitions)
    reader, closed = DeskReader(store), 0
    try:
        query = InboxQuery(states=(TaskState.OFFERED,), limit=TASKS_A_VISIT)
        for task in (await reader.inbox(query)).tasks:
            accepted = await _done(desk, task, Accept)
            if accepted is not None:
                await _done(desk, accepted, lambda about: Close(about, Outcome.UNREACHABLE))
                closed += 1
        return closed
    finally:
        reader.close()
        await desk.close()
        await log.close()


async def _done(
    desk: TaskDesk, task: RetentionTask, command: Callable[[About], PeoplesCommand]
) -> RetentionTask | None:
    """Return the task after it; None where others were first."""
    actor = Actor(ActorRole.MANAGER, str(task.manager))
    found = await desk.execute(command(About(task.task_id, actor, await desk.now(), task.version)))
    return found.task if isinstance(found, Done) else None
