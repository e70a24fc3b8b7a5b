"""What a command makes of a task: events, or a refusal that says why."""

import datetime
from typing import assert_never

from domain.retention.commands import (
    Accept,
    AttachEvidence,
    Claim,
    ClearSupport,
    Close,
    Decline,
    DeskCommand,
    LogContact,
    Note,
    Offer,
    Place,
    Reassign,
    Reopen,
    Snooze,
    TaskCommand,
    TimeOut,
    Wake,
)
from domain.retention.permissions import refused
from domain.retention.refusals import (
    BadDate,
    ContactMissing,
    OutcomeNotYours,
    ReasonMissing,
    Refusal,
    TooEarly,
    TooLate,
)
from domain.retention.task import RetentionTask, without
from events.task_values import ActorRole, DeclineReason, Outcome, TaskStep, WokenBy
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
    TaskReassigned,
    TaskReopened,
    TaskSnoozed,
    TaskWoken,
)

REOPEN_DAYS = 14
"""For so many days after it was closed a task can be reopened."""

MOST_DAYS_ASLEEP = 91
"""A task that rests for longer than the horizon would wake to a customer who is gone."""

SAVED = frozenset({Outcome.SAVED_CONFIRMED, Outcome.SAVED_WITH_OFFER})
FOUND_BY_THE_DESK = frozenset(
    {Outcome.RECOVERED_UNTOUCHED, Outcome.LOST_OBSERVED, Outcome.MODEL_CHANGED, Outcome.MOVED}
)


def decide(task: RetentionTask, command: TaskCommand) -> TaskEvent | Refusal:
    """Return the event that a command makes, or why it is refused. Asks nobody, changes nothing."""
    return refused(task, command) or _decided(task, command)


def next_step(task: RetentionTask, command: TaskCommand) -> TaskStep:
    """Return the step of a task that a command makes."""
    about = command.about
    return TaskStep(task.task_id, task.account, task.version + 1, about.now.at, about.actor)


def _decided(task: RetentionTask, command: TaskCommand) -> TaskEvent | Refusal:
    step = next_step(task, command)
    match command:
        case Accept() | Claim() | Decline() | Reassign():
            return _answered(task, step, command)
        case LogContact() | Note() | Snooze() | Wake():
            return _worked(task, step, command)
        case Close():
            return _closed(task, step, command)
        case Reopen():
            return _reopened(task, step, command)
        case AttachEvidence() | ClearSupport() | Offer() | TimeOut() | Place():
            return _by_desk(task, step, command)
        case _ as never:
            assert_never(never)


def _answered(
    task: RetentionTask, step: TaskStep, command: Accept | Claim | Decline | Reassign
) -> TaskEvent | Refusal:
    match command:
        case Accept():
            return TaskAccepted(step, step.actor.code)
        case Claim():
            return TaskClaimed(step, step.actor.code)
        case Decline(why=why, note=note):
            return _declined(step, why, note)
        case Reassign(manager=manager, until=until):
            if until is None:
                return ReasonMissing("until")
            return TaskReassigned(step, task.manager, manager, until)
        case _ as never:
            assert_never(never)


def _worked(
    task: RetentionTask, step: TaskStep, command: LogContact | Note | Snooze | Wake
) -> TaskEvent | Refusal:
    match command:
        case LogContact(channel=channel, direction=direction, reached=reached, note=note):
            return ContactLogged(step, channel, direction, reached, note)
        case Note(note=note):
            return TaskNoted(step, note) if note.strip() else ReasonMissing("note")
        case Snooze():
            return _snoozed(step, command)
        case Wake():
            return _woken(task, step, command)
        case _ as never:
            assert_never(never)


def _by_desk(task: RetentionTask, step: TaskStep, command: DeskCommand) -> TaskEvent | Refusal:
    match command:
        case AttachEvidence(evidence=evidence, priority=priority):
            return EvidenceAdded(step, evidence, priority)
        case ClearSupport():
            return _cleared(task, step, command)
        case Offer(manager=manager, route=route, until=until):
            return TaskOffered(step, manager, route, until)
        case TimeOut():
            return _timed_out(task, step)
        case Place(placement=placement):
            return TaskPlaced(step, placement)
        case _ as never:
            assert_never(never)


def _declined(step: TaskStep, why: DeclineReason | None, note: str | None) -> TaskEvent | Refusal:
    if why is None:
        return ReasonMissing("why")
    if why is DeclineReason.OTHER and not (note or "").strip():
        return ReasonMissing("note")
    return TaskDeclined(step, step.actor.code, why, note)


def _snoozed(step: TaskStep, command: Snooze) -> TaskEvent | Refusal:
    today = command.about.now.day
    first = today + datetime.timedelta(days=1)
    last = today + datetime.timedelta(days=MOST_DAYS_ASLEEP)
    if not first <= command.until <= last:
        return BadDate(first, last)
    return TaskSnoozed(step, command.until, tuple(dict.fromkeys(command.wake_on)))


def _woken(task: RetentionTask, step: TaskStep, command: Wake) -> TaskEvent | Refusal:
    if command.about.actor.role is not ActorRole.DESK:
        return TaskWoken(step, WokenBy.BY_HAND)
    until = task.snoozed_until
    if command.because is WokenBy.DATE and until is not None and command.about.now.day < until:
        return TooEarly(until)
    return TaskWoken(step, command.because)


def _closed(task: RetentionTask, step: TaskStep, command: Close) -> TaskEvent | Refusal:
    outcome, actor = command.outcome, command.about.actor
    if outcome is None:
        return ReasonMissing("outcome")
    if (outcome in FOUND_BY_THE_DESK) is not (actor.role is ActorRole.DESK):
        return OutcomeNotYours(outcome)
    if outcome in SAVED and not task.contacts:
        return ContactMissing(outcome)
    match command:
        case Close(note=note):
            return TaskClosed(step, outcome, task.customers, command.about.now.day, note)


def _reopened(task: RetentionTask, step: TaskStep, command: Reopen) -> TaskEvent | Refusal:
    closed_on, actor = task.closed_on, command.about.actor
    if closed_on is None or (command.about.now.day - closed_on).days > REOPEN_DAYS:
        return TooLate(closed_on or task.day, REOPEN_DAYS)
    manager = actor.code if actor.role is ActorRole.MANAGER else task.manager
    return TaskReopened(step, manager)


def _cleared(task: RetentionTask, step: TaskStep, command: ClearSupport) -> TaskEvent:
    left = without(task.standing, command.customer_id, command.service)
    return EvidenceCleared(
        step,
        command.customer_id,
        command.about.now.day,
        command.because,
        len(left),
        command.priority,
        command.service,
    )


def _timed_out(task: RetentionTask, step: TaskStep) -> TaskEvent | Refusal:
    if task.manager is None or task.offered_until is None:
        raise ValueError(f"{task.task_id} is offered to nobody")
    if step.at < task.offered_until:
        return TooEarly(task.offered_until.date(), task.offered_until)
    return OfferTimedOut(step, task.manager)
