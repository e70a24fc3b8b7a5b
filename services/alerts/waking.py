"""Wakes tasks that rest until a customer complains or gets in touch: looks at their facts for that."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from domain.retention.task import RetentionTask, TaskState
from events.calendar import instant_of
from events.catalogue import REGISTRY
from events.complaints import ComplaintOpened, ComplaintReopened
from events.interactions import Direction, InteractionRecorded
from events.task_values import TaskId, WakeOn, WokenBy
from events.values import CustomerId
from infra.desk.desk import TaskDesk
from infra.desk.reading import waiting_for_facts
from infra.log.records import FactRecord

CONTACT = "crm.interaction.recorded.v1"
WAKING_TYPES = ("crm.complaint.opened.v1", "crm.complaint.reopened.v1", CONTACT)


class WakingFacts(Protocol):
    """Where facts of resting customers are read, on from where one was."""

    async def next(self, resting: Mapping[CustomerId, int]) -> Sequence[FactRecord]:
        """Return what is next of these customers, with the moment since which each one rests.

        Others may be among them. Nobody rests where there is no customer.
        """
        ...

    async def passed(self) -> None:
        """Go on behind what `next` returned: all of it was looked at."""
        ...


class Woken(NamedTuple):
    """A task that is to go on, and why."""

    task_id: TaskId
    because: WokenBy


class Waking:
    """Looks at facts for as long as any task waits for one.

    A fact wakes a task if it happened after the task was laid to rest, so that going through facts
    twice does no harm.
    """

    def __init__(self, desk: TaskDesk, facts: WakingFacts) -> None:
        self._desk = desk
        self._facts = facts

    async def advance(self) -> int:
        """Look at the next facts; return how many, 0 at the end or where no task waits."""
        resting = await self._desk.run(waiting_for_facts)
        since = {customer: max(map(_laid_to_rest, tasks)) for customer, tasks in resting.items()}
        facts = await self._facts.next(since)
        for fact in facts:
            for woken in _woken(fact, resting):
                await self._desk.wake(woken.task_id, woken.because)
        if facts:
            await self._facts.passed()
        return len(facts)


def _laid_to_rest(task: RetentionTask) -> int:
    return 0 if task.snoozed_at is None else instant_of(task.snoozed_at)


def _woken(fact: FactRecord, resting: dict[CustomerId, list[RetentionTask]]) -> list[Woken]:
    tasks = () if fact.customer_id is None else resting.get(fact.customer_id, ())
    found = _means(fact) if tasks else None
    if found is None:
        return []
    wake_on, because = found
    return [
        Woken(task.task_id, because)
        for task in tasks
        if wake_on in task.wake_on and task.state is TaskState.SNOOZED and _is_newer(fact, task)
    ]


def _is_newer(fact: FactRecord, task: RetentionTask) -> bool:
    return task.snoozed_at is not None and fact.time > _laid_to_rest(task)


def _means(fact: FactRecord) -> tuple[WakeOn, WokenBy] | None:
    """Return what a fact may wake a task for."""
    if fact.type not in WAKING_TYPES:
        return None
    match REGISTRY.decode(fact.type, fact.data):
        case ComplaintOpened() | ComplaintReopened():
            return WakeOn.NEW_COMPLAINT, WokenBy.NEW_COMPLAINT
        case InteractionRecorded(direction=Direction.INBOUND):
            return WakeOn.CUSTOMER_CONTACT, WokenBy.CUSTOMER_CONTACT
        case _:
            return None
