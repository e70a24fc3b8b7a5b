"""A retention task: its state, and how its events change it."""

import datetime
from enum import StrEnum
from typing import assert_never

import msgspec

from events.signals import Placement, SignalReason
from events.task_values import Outcome, Priority, TaskEvidence, TaskId, WakeOn
from events.tasks import (
    ContactLogged,
    EvidenceAdded,
    EvidenceCleared,
    OfferTimedOut,
    TaskAccepted,
    TaskClaimed,
    TaskClosed,
    TaskDeclined,
    TaskEvent,
    TaskNoted,
    TaskOffered,
    TaskPlaced,
    TaskRaised,
    TaskReassigned,
    TaskReopened,
    TaskSnoozed,
    TaskWoken,
)
from events.values import CustomerId


class TaskState(StrEnum):
    """Where a task is."""

    QUEUED = "queued"
    OFFERED = "offered"
    WORKING = "working"
    SNOOZED = "snoozed"
    CLOSED = "closed"


OPEN_STATES = (TaskState.QUEUED, TaskState.OFFERED, TaskState.WORKING, TaskState.SNOOZED)
HELD_STATES = (TaskState.WORKING, TaskState.SNOOZED)
"""A manager has taken the task."""


class RetentionTask(msgspec.Struct, frozen=True):
    """A task as it stands after its ``version``-th event.

    ``standing`` is the evidence that stands behind it, ``customers`` those who ever did. ``manager``
    is whom it is offered to or who works on it; of a closed task, who did last. ``worked`` says
    whether anybody ever took it, ``contacts`` how often the customer was contacted, and
    ``closed_on`` is the business day.
    """

    task_id: TaskId
    account: str
    reason: SignalReason
    episode: int
    version: int
    state: TaskState
    placement: Placement
    priority: Priority
    standing: tuple[TaskEvidence, ...]
    customers: tuple[CustomerId, ...]
    raised_at: datetime.datetime
    day: datetime.date
    due: datetime.datetime
    due_slot: int
    policy: str
    evidence: int = 1
    manager: str | None = None
    offered_until: datetime.datetime | None = None
    declined_by: tuple[str, ...] = ()
    worked: bool = False
    contacts: int = 0
    snoozed_until: datetime.date | None = None
    snoozed_at: datetime.datetime | None = None
    wake_on: tuple[WakeOn, ...] = ()
    outcome: Outcome | None = None
    closed_on: datetime.date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still wants something to be done."""
        return self.state is not TaskState.CLOSED


def evolve(task: RetentionTask | None, event: TaskEvent) -> RetentionTask:
    """Return the task after an event. Raises ``ValueError`` for one that is not its next."""
    version = 0 if task is None else task.version
    if event.task.version != version + 1:
        raise ValueError(f"{event.task.task_id}: version {event.task.version} after {version}")
    if isinstance(event, TaskRaised):
        return _raised(event)
    if task is None:
        raise ValueError(f"{event.task.task_id} begins without being raised")
    return msgspec.structs.replace(_changed(task, event), version=version + 1)


def without(
    standing: tuple[TaskEvidence, ...], customer_id: CustomerId, service: str | None
) -> tuple[TaskEvidence, ...]:
    """Return the evidence but that of a customer, and of one service where it names one."""
    return tuple(
        entry for entry in standing if (entry.customer_id, entry.service) != (customer_id, service)
    )


def with_evidence(
    standing: tuple[TaskEvidence, ...], evidence: TaskEvidence
) -> tuple[TaskEvidence, ...]:
    """Return the evidence with a newer one in the place of what stood for the same."""
    return (*without(standing, evidence.customer_id, evidence.service), evidence)


def _raised(event: TaskRaised) -> RetentionTask:
    return RetentionTask(
        task_id=event.task.task_id,
        account=event.task.account,
        reason=event.reason,
        episode=event.episode,
        version=1,
        state=TaskState.QUEUED,
        placement=event.placement,
        priority=event.priority,
        standing=(event.evidence,),
        customers=(event.evidence.customer_id,),
        raised_at=event.task.at,
        day=event.day,
        due=event.due,
        due_slot=event.due_slot,
        policy=event.policy,
    )


def _changed(task: RetentionTask, event: TaskEvent) -> RetentionTask:
    match event:
        case EvidenceAdded() | EvidenceCleared() | TaskPlaced():
            return _supported(task, event)
        case TaskSnoozed() | TaskWoken():
            return _rested(task, event)
        case TaskOffered() | TaskReassigned() | TaskDeclined() | OfferTimedOut():
            return _handed(task, event)
        case TaskAccepted(manager=manager) | TaskClaimed(manager=manager):
            return _taken(task, manager)
        case ContactLogged() | TaskNoted():
            contacts = task.contacts + isinstance(event, ContactLogged)
            return msgspec.structs.replace(task, contacts=contacts)
        case TaskClosed() | TaskReopened():
            return _ended(task, event)
        case TaskRaised():
            raise ValueError(f"{task.task_id} is raised twice")
        case _ as never:
            assert_never(never)


def _supported(
    task: RetentionTask, event: EvidenceAdded | EvidenceCleared | TaskPlaced
) -> RetentionTask:
    match event:
        case EvidenceAdded(evidence=evidence, priority=priority):
            return _with_evidence(task, evidence, priority)
        case EvidenceCleared(customer_id=customer_id, service=service, priority=priority):
            left = without(task.standing, customer_id, service)
            return msgspec.structs.replace(task, standing=left, priority=priority)
        case TaskPlaced(placement=placement):
            return msgspec.structs.replace(task, placement=placement)
        case _ as never:
            assert_never(never)


def _rested(task: RetentionTask, event: TaskSnoozed | TaskWoken) -> RetentionTask:
    match event:
        case TaskSnoozed(until=until, wake_on=wake_on):
            return msgspec.structs.replace(
                task,
                state=TaskState.SNOOZED,
                snoozed_until=until,
                snoozed_at=event.task.at,
                wake_on=wake_on,
            )
        case TaskWoken():
            return msgspec.structs.replace(_awake(task), state=TaskState.WORKING)
        case _ as never:
            assert_never(never)


def _handed(
    task: RetentionTask, event: TaskOffered | TaskReassigned | TaskDeclined | OfferTimedOut
) -> RetentionTask:
    match event:
        case (
            TaskOffered(manager=manager, until=until) | TaskReassigned(manager=manager, until=until)
        ):
            return msgspec.structs.replace(
                _awake(task), state=TaskState.OFFERED, manager=manager, offered_until=until
            )
        case TaskDeclined(manager=manager) | OfferTimedOut(manager=manager):
            return _queued_again(task, manager)
        case _ as never:
            assert_never(never)


def _ended(task: RetentionTask, event: TaskClosed | TaskReopened) -> RetentionTask:
    match event:
        case TaskClosed(outcome=outcome, day=day):
            return msgspec.structs.replace(
                _awake(task),
                state=TaskState.CLOSED,
                offered_until=None,
                outcome=outcome,
                closed_on=day,
            )
        case TaskReopened(manager=manager):
            return _reopened(msgspec.structs.replace(task, outcome=None, closed_on=None), manager)
        case _ as never:
            assert_never(never)


def _with_evidence(
    task: RetentionTask, evidence: TaskEvidence, priority: Priority
) -> RetentionTask:
    known = evidence.customer_id in task.customers
    return msgspec.structs.replace(
        task,
        standing=with_evidence(task.standing, evidence),
        customers=task.customers if known else (*task.customers, evidence.customer_id),
        priority=priority,
        evidence=task.evidence + 1,
    )


def _taken(task: RetentionTask, manager: str) -> RetentionTask:
    return msgspec.structs.replace(
        task, state=TaskState.WORKING, manager=manager, offered_until=None, worked=True
    )


def _queued_again(task: RetentionTask, manager: str) -> RetentionTask:
    return msgspec.structs.replace(
        task,
        state=TaskState.QUEUED,
        manager=None,
        offered_until=None,
        declined_by=(*task.declined_by, manager),
    )


def _reopened(task: RetentionTask, manager: str | None) -> RetentionTask:
    if manager is None:
        return msgspec.structs.replace(task, state=TaskState.QUEUED, declined_by=())
    return _taken(task, manager)


def _awake(task: RetentionTask) -> RetentionTask:
    return msgspec.structs.replace(task, snoozed_until=None, snoozed_at=None, wake_on=())
