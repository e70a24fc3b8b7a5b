"""What happens to retention tasks, as published on ``crm.tasks``: each task counts its own versions."""

import datetime
from typing import Annotated

import msgspec

from events.interactions import Channel, Direction
from events.signals import Placement, SignalReason
from events.task_values import (
    DeclineReason,
    Outcome,
    Priority,
    Route,
    SupportEnded,
    TaskEvidence,
    TaskStep,
    Time,
    WakeOn,
    WokenBy,
)
from events.values import CustomerId, PartyCode, PersonalText


class TaskRaised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task came into being and waits for a manager.

    ``episode`` counts the tasks of this account and reason from 1. ``due_slot`` is the number of the
    four working hours that ``due`` lies in; ``policy`` the hash of the task policy that judged.
    """

    task: TaskStep
    reason: SignalReason
    episode: Annotated[int, msgspec.Meta(ge=1)]
    day: datetime.date
    placement: Placement
    evidence: TaskEvidence
    priority: Priority
    due: Time
    due_slot: int
    policy: str


class EvidenceAdded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another signal of the task's account and reason stands behind it."""

    task: TaskStep
    evidence: TaskEvidence
    priority: Priority


class EvidenceCleared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer no longer stands behind the task; ``left`` signals still do."""

    task: TaskStep
    customer_id: CustomerId
    day: datetime.date
    because: SupportEnded
    left: int
    priority: Priority
    service: str | None = None


class TaskOffered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task is offered to a manager, until a moment."""

    task: TaskStep
    manager: PartyCode
    route: Route
    until: Time


class TaskAccepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manager works on what was offered."""

    task: TaskStep
    manager: PartyCode


class TaskClaimed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manager took the task out of the queue."""

    task: TaskStep
    manager: PartyCode


class TaskDeclined(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manager does not take the task: it is queued again, as old as it was."""

    task: TaskStep
    manager: PartyCode
    why: DeclineReason
    note: PersonalText | None = None


class OfferTimedOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manager did not answer in time: the task is queued again, as old as it was."""

    task: TaskStep
    manager: PartyCode


class ContactLogged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever works on the task was in contact with the customer, or tried to be."""

    task: TaskStep
    channel: Channel
    direction: Direction
    reached: bool
    note: PersonalText | None = None


class TaskNoted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody wrote something down."""

    task: TaskStep
    note: PersonalText


class TaskSnoozed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task rests until a day, or until something happens that it waits for."""

    task: TaskStep
    until: datetime.date
    wake_on: tuple[WakeOn, ...]


class TaskWoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task is worked on again."""

    task: TaskStep
    because: WokenBy


class TaskReassigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lead gave the task to another manager, to whom it is offered until a moment."""

    task: TaskStep
    before: PartyCode | None
    manager: PartyCode
    until: Time


class TaskPlaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Owner, region or tier behind the task changed."""

    task: TaskStep
    placement: Placement


class TaskClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task ended. ``customers`` are those who ever stood behind it."""

    task: TaskStep
    outcome: Outcome
    customers: tuple[CustomerId, ...]
    day: datetime.date
    note: PersonalText | None = None


class TaskReopened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task is worked on again by ``manager``; it is queued where nobody ever had it."""

    task: TaskStep
    manager: PartyCode | None


TaskEvent = (
    TaskRaised
    | EvidenceAdded
    | EvidenceCleared
    | TaskOffered
    | TaskAccepted
    | TaskClaimed
    | TaskDeclined
    | OfferTimedOut
    | ContactLogged
    | TaskNoted
    | TaskSnoozed
    | TaskWoken
    | TaskReassigned
    | TaskPlaced
    | TaskClosed
    | TaskReopened
)
