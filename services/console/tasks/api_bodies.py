"""What commands on tasks say over REST: one body a verb, and how a body becomes fields."""

import datetime
from typing import Annotated

import msgspec

from domain.retention.task import RetentionTask
from events.interactions import Channel, Direction
from events.task_values import DeclineReason, Outcome, WakeOn
from infra.desk.reading import TaskRecord
from services.console.tasks.forms import LONGEST_NOTE, Fields
from services.console.tasks.verbs import Verb

NoteText = Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The command says it all; a body may be left out."""


class DeclineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why; "other" wants a note."""

    why: DeclineReason
    note: NoteText | None = None


class ContactBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How, who sought whom, and whether somebody was reached."""

    channel: Channel
    reached: bool
    direction: Direction = Direction.OUTBOUND
    note: NoteText | None = None


class NoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be kept."""

    note: NoteText


class SnoozeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when, and what wakes it earlier."""

    until: datetime.date
    wake_on: tuple[WakeOn, ...] = ()


class ReassignBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom; only a lead may."""

    manager: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class CloseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it ended."""

    outcome: Outcome
    note: NoteText | None = None


Body = Nothing | DeclineBody | ContactBody | NoteBody | SnoozeBody | ReassignBody | CloseBody

BODIES: dict[Verb, type[Body]] = {
    Verb.ACCEPT: Nothing,
    Verb.CLAIM: Nothing,
    Verb.DECLINE: DeclineBody,
    Verb.CONTACT: ContactBody,
    Verb.NOTE: NoteBody,
    Verb.SNOOZE: SnoozeBody,
    Verb.WAKE: Nothing,
    Verb.REASSIGN: ReassignBody,
    Verb.CLOSE: CloseBody,
    Verb.REOPEN: Nothing,
}


class TaskList(msgspec.Struct, frozen=True):
    """A page of tasks in the order of the inbox; ``next`` asks for the following page, null at the end."""

    tasks: tuple[RetentionTask, ...]
    next: str | None


class Step(msgspec.Struct, frozen=True):
    """One step of a task; ``event`` is as its ``type`` was published on ``crm.tasks``."""

    version: int
    type: str
    event: dict[str, msgspec.Raw]

    @classmethod
    def of(cls, record: TaskRecord) -> "Step":
        """Return the step that a record of the desk is."""
        said = msgspec.json.decode(msgspec.json.encode(record.event), type=dict[str, msgspec.Raw])
        return cls(record.version, record.type, said)


def fields_of(verb: Verb, body: bytes) -> Fields:
    """Return what a JSON body says. Raises ``msgspec.MsgspecError`` for one that is not of its verb."""
    kind = BODIES[verb]
    said = msgspec.json.decode(body if body.strip() or kind is not Nothing else b"{}", type=kind)
    return Fields({name: _texts(value) for name, value in msgspec.to_builtins(said).items()})


def _texts(value: object) -> list[str]:
    match value:
        case None:
            return []
        case bool():
            return ["true" if value else "false"]
        case list():
            return [str(each) for each in value]
        case _:
            return [str(value)]
