"""Why a command was not carried out: closed, each with what is needed to go on."""

import datetime

import msgspec

from domain.retention.task import RetentionTask, TaskState
from events.signals import SignalReason
from events.task_values import ActorRole, Outcome, TaskId


class UnknownTask(msgspec.Struct, frozen=True, tag=True):
    """There is no such task."""

    task_id: TaskId


class StaleVersion(msgspec.Struct, frozen=True, tag=True):
    """Something happened since the version that the command was meant for; ``task`` is as it is now."""

    task: RetentionTask


class WrongState(msgspec.Struct, frozen=True, tag=True):
    """A task in this state does not take the command; those in ``allowed`` do."""

    state: TaskState
    allowed: tuple[TaskState, ...]


class NotYours(msgspec.Struct, frozen=True, tag=True):
    """The task is offered to, or worked on by, somebody else; null for nobody."""

    manager: str | None


class NotAllowed(msgspec.Struct, frozen=True, tag=True):
    """Who acts as this may not do that; those in ``allowed`` may."""

    role: ActorRole
    allowed: tuple[ActorRole, ...]


class ReasonMissing(msgspec.Struct, frozen=True, tag=True):
    """Declining wants a reason, closing an outcome, "other" and a note a text."""

    field: str


class ContactMissing(msgspec.Struct, frozen=True, tag=True):
    """A customer was saved only if somebody spoke to it: log a contact first."""

    outcome: Outcome


class OutcomeNotYours(msgspec.Struct, frozen=True, tag=True):
    """Only Holdfast itself finds this outcome, or only people do."""

    outcome: Outcome


class AlreadyOpen(msgspec.Struct, frozen=True, tag=True):
    """A task is open for this account and reason."""

    reason: SignalReason
    task_id: TaskId


class NoCapacity(msgspec.Struct, frozen=True, tag=True):
    """The manager has as much open work as it can bear."""

    manager: str
    capacity: int
    open_tasks: int


class UnknownManager(msgspec.Struct, frozen=True, tag=True):
    """The managers' file does not name this manager."""

    manager: str


class OnLeave(msgspec.Struct, frozen=True, tag=True):
    """The manager is away until the end of a day."""

    manager: str
    until: datetime.date


class TooLate(msgspec.Struct, frozen=True, tag=True):
    """A task can be reopened for so many days after it was closed."""

    closed_on: datetime.date
    days: int


class TooEarly(msgspec.Struct, frozen=True, tag=True):
    """The rest lasts until a day; an offer until a moment, ``at``, of it."""

    until: datetime.date
    at: datetime.datetime | None = None


class BadDate(msgspec.Struct, frozen=True, tag=True):
    """A task may rest from ``first`` to ``last`` only."""

    first: datetime.date
    last: datetime.date


class KeyUsedBefore(msgspec.Struct, frozen=True, tag=True):
    """Another command came under this idempotency key."""

    key: str


class ChangedMeanwhile(msgspec.Struct, frozen=True, tag=True):
    """Others kept changing the same things: nothing was done, try again."""

    task_id: TaskId


Refusal = (
    UnknownTask
    | StaleVersion
    | WrongState
    | NotYours
    | NotAllowed
    | ReasonMissing
    | ContactMissing
    | OutcomeNotYours
    | AlreadyOpen
    | NoCapacity
    | UnknownManager
    | OnLeave
    | TooLate
    | TooEarly
    | BadDate
    | KeyUsedBefore
    | ChangedMeanwhile
)
