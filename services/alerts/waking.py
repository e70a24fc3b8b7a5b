"""Wakes tasks that rest until a customer complains or gets in touch: follows the facts for that."""

from typing import NamedTuple

from domain.retention.task import RetentionTask, TaskState
from events.calendar import instant_of
from events.catalogue import REGISTRY
from events.complaints import ComplaintOpened, ComplaintReopened
from events.interactions import Direction, InteractionRecorded
from events.task_values import TaskId, WakeOn, WokenBy
from events.values import CustomerId
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskStore
from infra.desk.reading import waiting_for_facts
from infra.desk.relay import keep_place, place_of
from infra.log.port import FactReader
from infra.log.records import FactRecord

FACTS_A_READ = 2000

COMPLAINTS = ("crm.complaint.opened.v1", "crm.complaint.reopened.v1")
CONTACT = "crm.interaction.recorded.v1"


class Woken(NamedTuple):
    """A task that is to go on, and why."""

    task_id: TaskId
    because: WokenBy


class Waking:
    """Reads facts on from where it was, one partition, for as long as any task waits for one.

    A fact wakes a task if it happened after the task was laid to rest, so that going through facts
    twice does no harm.
    """

    def __init__(self, desk: TaskDesk, log: FactReader, partition: int = 0) -> None:
        self._desk = desk
        self._log = log
        self._partition = partition
        self._place: int | None = None

    async def advance(self) -> int:
        """Read the next facts; return how many, 0 at the end or where no task waits."""
        resting = await self._desk.run(waiting_for_facts)
        if not resting:
            self._place = await self._log.end_offset(self._partition)
            return 0
        if self._place is None:
            self._place = await self._desk.run(self._kept_place)
        facts = await self._log.read_facts(self._partition, self._place, FACTS_A_READ)
        if not facts:
            return 0
        for fact in facts:
            for woken in _woken(fact, resting):
                await self._desk.wake(woken.task_id, woken.because)
        self._place = last = facts[-1].offset
        await self._desk.run(lambda store: keep_place(store, self._name, last))
        return len(facts)

    @property
    def _name(self) -> str:
        return f"facts:{self._partition}"

    def _kept_place(self, store: DeskStore) -> int:
        return place_of(store, self._name) - (place_of(store, self._name) == 0)


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
    return task.snoozed_at is not None and fact.time > instant_of(task.snoozed_at)


def _means(fact: FactRecord) -> tuple[WakeOn, WokenBy] | None:
    """Return what a fact may wake a task for."""
    if fact.type not in {*COMPLAINTS, CONTACT}:
        return None
    match REGISTRY.decode(fact.type, fact.data):
        case ComplaintOpened() | ComplaintReopened():
            return WakeOn.NEW_COMPLAINT, WokenBy.NEW_COMPLAINT
        case InteractionRecorded(direction=Direction.INBOUND):
            return WakeOn.CUSTOMER_CONTACT, WokenBy.CUSTOMER_CONTACT
        case _:
            return None
