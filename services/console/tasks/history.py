"""What happened to a task, step by step, in words."""

import datetime
from typing import NamedTuple, assert_never

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
from infra.desk.reading import TaskRecord
from services.console.tasks.task_words import TaskWords
from services.console.words import Words


class Told(NamedTuple):
    """One step: when, by whom, what, and what was written with it."""

    version: int
    at: datetime.datetime
    actor: str
    text: str
    note: str


def told(record: TaskRecord, words: Words, named: TaskWords) -> Told:
    """Return a step in words."""
    event, step = record.event, record.event.task
    note = getattr(event, "note", None) or ""
    actor = words.say("Holdfast") if step.actor.role.value == "desk" else step.actor.code
    return Told(record.version, step.at, actor, _text(event, words, named), note)


def _text(event: TaskEvent, words: Words, named: TaskWords) -> str:
    match event:
        case TaskOffered() | TaskAccepted() | TaskClaimed() | TaskDeclined() | OfferTimedOut():
            return _handed(event, words, named)
        case TaskReassigned() | TaskReopened() | TaskPlaced() | TaskRaised():
            return _placed(event, words)
        case EvidenceAdded() | EvidenceCleared():
            return _supported(event, words)
        case TaskSnoozed() | TaskWoken():
            return _rested(event, words, named)
        case ContactLogged() | TaskNoted() | TaskClosed():
            return _worked(event, words, named)
        case _ as never:
            assert_never(never)


def _handed(
    event: TaskOffered | TaskAccepted | TaskClaimed | TaskDeclined | OfferTimedOut,
    words: Words,
    named: TaskWords,
) -> str:
    match event:
        case TaskOffered(manager=manager, route=route, until=until):
            return words.say(
                "offered to {manager}, {route}, until {time}",
                manager=manager,
                route=named.routes[route],
                time=words.time(until),
            )
        case TaskAccepted():
            return words.say("accepted")
        case TaskClaimed():
            return words.say("taken out of the queue")
        case TaskDeclined(why=why):
            return words.say("declined: {why}", why=named.declines[why])
        case OfferTimedOut(manager=manager):
            return words.say("{manager} did not answer in time", manager=manager)
        case _ as never:
            assert_never(never)


def _placed(event: TaskReassigned | TaskReopened | TaskPlaced | TaskRaised, words: Words) -> str:
    match event:
        case TaskReassigned(manager=manager):
            return words.say("handed over to {manager}", manager=manager)
        case TaskReopened():
            return words.say("reopened")
        case TaskPlaced(placement=placement):
            owner = placement.owner or words.say("nobody yet")
            return words.say("the owner is {owner} now", owner=owner)
        case TaskRaised(reason=reason):
            return words.say("raised: {reason}", reason=words.reason(reason))
        case _ as never:
            assert_never(never)


def _supported(event: EvidenceAdded | EvidenceCleared, words: Words) -> str:
    if isinstance(event, EvidenceAdded):
        return words.say("another signal stands behind it")
    return words.say_plural(
        "a signal is over; {number} still stands",
        "a signal is over; {number} still stand",
        event.left,
    )


def _rested(event: TaskSnoozed | TaskWoken, words: Words, named: TaskWords) -> str:
    if isinstance(event, TaskSnoozed):
        return words.say("rests until {day}", day=event.until)
    return words.say("woken: {why}", why=named.wokens[event.because])


def _worked(event: ContactLogged | TaskNoted | TaskClosed, words: Words, named: TaskWords) -> str:
    match event:
        case ContactLogged(channel=channel, direction=direction, reached=reached):
            parts = [words.channel(channel), named.direction(direction)]
            parts.append(words.say("reached") if reached else words.say("not reached"))
            return words.joined(parts)
        case TaskNoted():
            return words.say("a note")
        case TaskClosed(outcome=outcome):
            return words.say("closed: {outcome}", outcome=named.outcomes[outcome])
        case _ as never:
            assert_never(never)
