"""The desk with many open tasks: decisions a second, the inbox, a command, on one SQLite file.

Every signal becomes a task of its own account. Each manager bears twenty, the rest waits in the queue.
"""

import asyncio
import datetime
import random
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import quantiles

from bench.figures import Figure, Section
from bench.sizes import Sizes
from domain.retention.commands import About, Accept, Moment
from domain.retention.policy import Policy, policy_hash
from domain.retention.task import RetentionTask, TaskState
from domain.retention.working_time import WorkingClock
from events import codec
from events.calendar import day_number
from events.catalogue import REGISTRY, SIGNALS
from events.desk import ManagerListed
from events.figures import Evidence, SilenceFigures
from events.marks import Emission
from events.signals import AnomalyRaised, Placement, SignalReason
from events.task_values import Actor, ActorRole
from events.values import CustomerId, Money
from infra.desk.desk import TaskDesk
from infra.desk.office import Rules
from infra.desk.port import Done
from infra.desk.reading import DeskReader, InboxQuery
from infra.desk.sqlite import SqliteDesk
from infra.log.records import OutputRecord

DAY = datetime.date(2011, 9, 12)
NOW = Moment(datetime.datetime(2011, 9, 12, 9, tzinfo=datetime.UTC), DAY)
CAPACITY = 20
TASKS_A_MANAGER = 500
SIGNALS_A_CALL = 2_000
PAGE = 50
CALLS = 200
INBOX_GOAL_MS, COMMAND_GOAL_MS = 200.0, 150.0
SILENT = SilenceFigures(38, 7.6, 12, 3.0, 9.1, 8.0)


def desk(sizes: Sizes) -> Section:
    """Fill a desk, then ask it and command it."""
    figures = asyncio.run(_measured(sizes.open_tasks, min(CALLS, sizes.open_tasks // 25)))
    return Section(
        f"The desk with {sizes.open_tasks:,} open tasks",
        figures,
        ("A command is timed to its commit, with an fsync; the row is in the same transaction.",),
    )


def _signals(emission: Emission, first: int, count: int) -> Iterator[OutputRecord]:
    chance = random.Random(first)
    for number in range(first, first + count):
        customer = CustomerId(f"00000000-0000-5000-8000-{number:012d}")
        raised = AnomalyRaised(
            customer,
            DAY,
            SignalReason.UNUSUALLY_QUIET,
            "silence-1",
            SILENT,
            Evidence("crm.order.placed.v1", DAY, DAY),
            Money(chance.randint(40_000, 4_000_000), "GBP"),
            Placement(customer),
        )
        fields = (number, SIGNALS, "bench", 0, number, REGISTRY.name_of(raised), customer)
        yield OutputRecord(*fields, day_number(DAY), emission.value, 0, codec.encode(raised))


async def _measured(tasks: int, calls: int) -> tuple[Figure, ...]:
    with tempfile.TemporaryDirectory(prefix="holdfast-desk-") as folder:
        store = SqliteDesk(Path(folder) / "desk.db")
        policy = Policy()
        rules = Rules(policy, policy_hash(policy), WorkingClock(policy.working_time, "UTC"))
        office, reader = TaskDesk(store, rules, lambda: NOW, 1), DeskReader(store)
        try:
            managers = max(2, tasks // TASKS_A_MANAGER)
            team = [ManagerListed(f"AM-{number}", CAPACITY) for number in range(managers)]
            await office.list_managers(team)
            withheld = await _taken(office, Emission.HISTORY, 1, tasks)
            opened = await _taken(office, Emission.LIVE, tasks + 1, tasks)
            resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            size = (Path(folder) / "desk.db").stat().st_size / 2**20
            return (
                Figure("signals withheld", "decisions/s", (withheld,)),
                Figure("signals that open a task", "decisions/s", (opened,)),
                *await _asked(reader, calls),
                *await _commanded(office, reader, calls),
                Figure("memory of the process", "MB", (resident,)),
                Figure("desk.db", "MB", (size,)),
            )
        finally:
            reader.close()
            await office.close()


async def _taken(office: TaskDesk, emission: Emission, first: int, count: int) -> float:
    """Return how many signals a second were decided on."""
    records = list(_signals(emission, first, count))
    started = time.perf_counter()
    for place in range(0, count, SIGNALS_A_CALL):
        await office.take(records[place : place + SIGNALS_A_CALL])
    return count / (time.perf_counter() - started)


async def _asked(reader: DeskReader, calls: int) -> tuple[Figure, ...]:
    page = await reader.inbox(InboxQuery(limit=PAGE))
    deep = InboxQuery(limit=PAGE, after=page.next)
    queries = {
        "first page": InboxQuery(limit=PAGE),
        "second page": deep,
        "a manager's": InboxQuery(manager="AM-1", limit=PAGE),
        "queued only": InboxQuery(states=(TaskState.QUEUED,), limit=PAGE),
    }
    figures = []
    for name, query in queries.items():
        seconds = [await _timed(lambda query=query: reader.inbox(query)) for _ in range(calls)]
        figures.append(_p95(f"inbox, {name} of {PAGE}: p95", seconds, INBOX_GOAL_MS))
    seconds = [await _timed(reader.counts) for _ in range(max(2, calls // 20))]
    return (*figures, _p95("counters: p95", seconds, INBOX_GOAL_MS))


async def _commanded(office: TaskDesk, reader: DeskReader, calls: int) -> tuple[Figure, ...]:
    query = InboxQuery(states=(TaskState.OFFERED,), limit=calls)
    offered = (await reader.inbox(query)).tasks
    seconds = []
    for task in offered:
        command = Accept(_about(task))
        seconds.append(await _timed(lambda command=command: office.execute(command)))
        answer = await office.execute(command)
        if isinstance(answer, Done):
            raise TypeError("an accept was carried out twice")
    return (_p95("accept, to its row: p95", seconds, COMMAND_GOAL_MS),)


def _about(task: RetentionTask) -> About:
    return About(task.task_id, Actor(ActorRole.MANAGER, str(task.manager)), NOW, task.version)


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def _p95(name: str, seconds: list[float], goal: float) -> Figure:
    return Figure(name, "ms", (quantiles(seconds, n=20)[-1] * 1000,), most=goal)
