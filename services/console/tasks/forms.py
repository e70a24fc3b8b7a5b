"""From what a form says to a command. What cannot be read is refused with the field's name."""

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from domain.retention.commands import (
    About,
    Accept,
    Claim,
    Close,
    Decline,
    LogContact,
    Note,
    PeoplesCommand,
    Reassign,
    Reopen,
    Snooze,
    Wake,
)
from events.interactions import Channel, Direction
from events.task_values import DeclineReason, Outcome, WakeOn
from services.console.tasks.verbs import Verb

LONGEST_NOTE = 4000

Choice = TypeVar("Choice", bound=StrEnum)


class Unreadable(NamedTuple):
    """A field that holds nothing that the command can use."""

    field: str


class _UnreadableError(Exception):
    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Fields:
    """What a form or a JSON body says, by field: a text each, or several."""

    def __init__(self, said: Mapping[str, list[str]]) -> None:
        self._said = said

    def text(self, name: str) -> str | None:
        """Return the text of a field, None for an empty one. Raises where it is too long."""
        text = (self._said.get(name) or [""])[0].strip()
        if len(text) > LONGEST_NOTE:
            raise _UnreadableError(name)
        return text or None

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """Return what was chosen, None for nothing."""
        text = self.text(name)
        if text is None:
            return None
        found = next((choice for choice in choices if choice.value == text), None)
        if found is None:
            raise _UnreadableError(name)
        return found

    def choices(self, name: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """Return everything that was chosen, in the order of the choices."""
        said = set(self._said.get(name, []))
        if said - {choice.value for choice in choices}:
            raise _UnreadableError(name)
        return tuple(choice for choice in choices if choice.value in said)

    def needed(self, name: str) -> str:
        """Return the text of a field that must have one."""
        text = self.text(name)
        if text is None:
            raise _UnreadableError(name)
        return text

    def day(self, name: str) -> datetime.date:
        """Return a day."""
        try:
            return datetime.date.fromisoformat(self.needed(name))
        except ValueError:
            raise _UnreadableError(name) from None


def command_of(verb: Verb, about: About, fields: Fields) -> PeoplesCommand | Unreadable:
    """Return the command that a verb with these fields is."""
    try:
        return _simple(verb, about) or _with_fields(verb, about, fields)
    except _UnreadableError as error:
        return Unreadable(error.field)


def _simple(verb: Verb, about: About) -> PeoplesCommand | None:
    match verb:
        case Verb.ACCEPT:
            return Accept(about)
        case Verb.CLAIM:
            return Claim(about)
        case Verb.WAKE:
            return Wake(about)
        case Verb.REOPEN:
            return Reopen(about)
        case _:
            return None


def _with_fields(verb: Verb, about: About, fields: Fields) -> PeoplesCommand:
    match verb:
        case Verb.DECLINE:
            return Decline(about, fields.choice("why", DeclineReason), fields.text("note"))
        case Verb.NOTE:
            return Note(about, fields.text("note") or "")
        case Verb.SNOOZE:
            return Snooze(about, fields.day("until"), fields.choices("wake_on", WakeOn))
        case Verb.REASSIGN:
            return Reassign(about, fields.needed("manager"))
        case Verb.CLOSE:
            return Close(about, fields.choice("outcome", Outcome), fields.text("note"))
        case _:
            return _contact(about, fields)


def _contact(about: About, fields: Fields) -> LogContact:
    channel = fields.choice("channel", Channel)
    if channel is None:
        raise _UnreadableError("channel")
    direction = fields.choice("direction", Direction) or Direction.OUTBOUND
    reached = fields.text("reached") in {"yes", "true"}
    return LogContact(about, channel, direction, reached, fields.text("note"))
