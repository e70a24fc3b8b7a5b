"""What may be asked of a task. Every command says which task, by whom, when, and on which version."""

import datetime

import msgspec

from events.interactions import Channel, Direction
from events.signals import Placement
from events.task_values import (
    Actor,
    DeclineReason,
    Outcome,
    Priority,
    Route,
    SupportEnded,
    TaskEvidence,
    TaskId,
    WakeOn,
    WokenBy,
)
from events.values import CustomerId


class Moment(msgspec.Struct, frozen=True):
    """Now, as the log has it: an aware time in UTC, and its business day."""

    at: datetime.datetime
    day: datetime.date


class About(msgspec.Struct, frozen=True):
    """Which task, on which version, by whom, when.

    Without ``expected_version`` the command is meant whatever happened since. Commands of the same
    ``key`` are one command that was sent again; an empty one is none.
    """

    task_id: TaskId
    actor: Actor
    now: Moment
    expected_version: int | None = None
    key: str = ""


class Accept(msgspec.Struct, frozen=True, tag=True):
    """Work on what is offered."""

    about: About


class Claim(msgspec.Struct, frozen=True, tag=True):
    """Take a task out of the queue."""

    about: About


class Decline(msgspec.Struct, frozen=True, tag=True):
    """Give back what is offered, and say why; "other" wants a note."""

    about: About
    why: DeclineReason | None
    note: str | None = None


class LogContact(msgspec.Struct, frozen=True, tag=True):
    """Say that the customer was contacted, and whether somebody was reached."""

    about: About
    channel: Channel
    direction: Direction
    reached: bool
    note: str | None = None


class Note(msgspec.Struct, frozen=True, tag=True):
    """Write something down."""

    about: About
    note: str


class Snooze(msgspec.Struct, frozen=True, tag=True):
    """Let the task rest until a day, or until something happens."""

    about: About
    until: datetime.date
    wake_on: tuple[WakeOn, ...] = ()


class Wake(msgspec.Struct, frozen=True, tag=True):
    """Go on with a task that rests. Only the desk wakes for another reason than by hand."""

    about: About
    because: WokenBy = WokenBy.BY_HAND


class Reassign(msgspec.Struct, frozen=True, tag=True):
    """Offer the task to another manager, until a moment."""

    about: About
    manager: str
    until: datetime.datetime | None = None


class Close(msgspec.Struct, frozen=True, tag=True):
    """End the task and say how it ended; without an outcome it is refused."""

    about: About
    outcome: Outcome | None
    note: str | None = None


class Reopen(msgspec.Struct, frozen=True, tag=True):
    """Go on with a task that was closed not long ago."""

    about: About


class AttachEvidence(msgspec.Struct, frozen=True, tag=True):
    """Another signal stands behind the task, whose priority changes with it."""

    about: About
    evidence: TaskEvidence
    priority: Priority


class ClearSupport(msgspec.Struct, frozen=True, tag=True):
    """A customer no longer stands behind the task."""

    about: About
    customer_id: CustomerId
    service: str | None
    because: SupportEnded
    priority: Priority


class Offer(msgspec.Struct, frozen=True, tag=True):
    """Offer a queued task to a manager until a moment."""

    about: About
    manager: str
    route: Route
    until: datetime.datetime


class TimeOut(msgspec.Struct, frozen=True, tag=True):
    """Take an offer back that nobody answered in time."""

    about: About


class Place(msgspec.Struct, frozen=True, tag=True):
    """Owner, region or tier behind the task changed."""

    about: About
    placement: Placement


PeoplesCommand = (
    Accept | Claim | Decline | LogContact | Note | Snooze | Wake | Reassign | Close | Reopen
)
"""What people ask for."""

DeskCommand = AttachEvidence | ClearSupport | Offer | TimeOut | Place
"""What Holdfast does by itself, beside `Wake` and `Close`."""

TaskCommand = PeoplesCommand | DeskCommand
