"""The words for tasks: states, outcomes, gates, and why a command was refused."""

from typing import assert_never

from domain.retention.refusals import (
    AlreadyOpen,
    BadDate,
    ChangedMeanwhile,
    ContactMissing,
    KeyUsedBefore,
    NoCapacity,
    NotAllowed,
    NotYours,
    OnLeave,
    OutcomeNotYours,
    ReasonMissing,
    Refusal,
    StaleVersion,
    TooEarly,
    TooLate,
    UnknownManager,
    UnknownTask,
    WrongState,
)
from domain.retention.task import TaskState
from events.judgements import SignalKind, Verdict
from events.profiles import StandingSignal
from events.signals import SignalReason
from events.task_values import Outcome, ProbabilitySource, TaskEvidence
from infra.messages.catalogue import Catalogue
from services.ops.rendering.score_wording import clauses, likelihood
from services.ops.rendering.wording import reason_sentence


def state_words(state: TaskState, catalogue: Catalogue) -> str:
    """Return where a task is."""
    words = {
        TaskState.QUEUED: catalogue.say("queued"),
        TaskState.OFFERED: catalogue.say("offered"),
        TaskState.WORKING: catalogue.say("in work"),
        TaskState.SNOOZED: catalogue.say("snoozed"),
        TaskState.CLOSED: catalogue.say("closed"),
    }
    return words[state]


def outcome_words(outcome: Outcome, catalogue: Catalogue) -> str:
    """Return how a task ended."""
    words = {
        Outcome.SAVED_CONFIRMED: catalogue.say("saved, confirmed by the customer"),
        Outcome.SAVED_WITH_OFFER: catalogue.say("saved with an offer"),
        Outcome.RECOVERED_UNTOUCHED: catalogue.say("recovered untouched"),
        Outcome.FALSE_ALARM: catalogue.say("false alarm"),
        Outcome.UNREACHABLE: catalogue.say("unreachable"),
        Outcome.LOST_TO_PRICE: catalogue.say("lost to the price"),
        Outcome.LOST_TO_SERVICE: catalogue.say("lost to the service"),
        Outcome.LOST_TO_COMPETITOR: catalogue.say("lost to a competitor"),
        Outcome.LOST_TO_CLOSED_BUSINESS: catalogue.say("lost, the business closed"),
        Outcome.LOST_OBSERVED: catalogue.say("lost, as observed"),
        Outcome.DECLINED_TO_SERVE: catalogue.say("we declined to serve"),
        Outcome.MODEL_CHANGED: catalogue.say("the model changed"),
        Outcome.MOVED: catalogue.say("moved to another account"),
    }
    return words[outcome]


def verdict_words(verdict: Verdict, catalogue: Catalogue) -> str:
    """Return what became of a signal."""
    words = {
        Verdict.OPENED: catalogue.say("a task was raised"),
        Verdict.JOINED: catalogue.say("joined the open task as evidence"),
        Verdict.WITHHELD: catalogue.say("no task"),
        Verdict.RECOVERED: catalogue.say("the task was closed, nothing stands behind it"),
        Verdict.EASED: catalogue.say("no longer stands behind the task, which goes on"),
        Verdict.NOTHING_OPEN: catalogue.say("no task was open for it"),
        Verdict.MOVED: catalogue.say("moved along"),
        Verdict.NOTED: catalogue.say("noted"),
    }
    return words[verdict]


def source_words(source: ProbabilitySource, catalogue: Catalogue) -> str:
    """Return where a probability comes from."""
    words = {
        ProbabilitySource.MODEL: catalogue.say("the model's probability"),
        ProbabilitySource.LOG_ODDS: catalogue.say("out of a score that is still learning"),
        ProbabilitySource.POLICY: catalogue.say("as the task policy has it, without a score"),
    }
    return words[source]


def evidence_sentence(reason: SignalReason, entry: TaskEvidence, catalogue: Catalogue) -> str:
    """Return what stands behind a task, with how likely the customer is to leave.

    "no order for 61 days, usual gap 19; likely to leave: 7 %"
    """
    signal = StandingSignal(reason, "", entry.raised_on, entry.figures)
    said = reason_sentence(signal, catalogue)
    if entry.churn is None:
        return said
    likely = likelihood(entry.churn, catalogue)
    return clauses(
        [said, catalogue.say("likely to leave: {likelihood}", likelihood=likely)], catalogue
    )


def kind_said(kind: SignalKind, catalogue: Catalogue) -> str:
    """Return what a signal said."""
    words = {
        SignalKind.RAISED: catalogue.say("raised"),
        SignalKind.CLEARED: catalogue.say("cleared"),
        SignalKind.STANDING: catalogue.say("standing"),
        SignalKind.PLACED: catalogue.say("placed"),
    }
    return words[kind]


def refusal_words(refusal: Refusal, catalogue: Catalogue) -> str:
    """Return why a command was not carried out, and what is needed to go on."""
    match refusal:
        case UnknownTask() | UnknownManager() | KeyUsedBefore() | ChangedMeanwhile():
            return _unknown(refusal, catalogue)
        case StaleVersion() | WrongState() | AlreadyOpen():
            return _otherwise(refusal, catalogue)
        case NotYours() | NotAllowed() | OutcomeNotYours() | NoCapacity() | OnLeave():
            return _not_by_you(refusal, catalogue)
        case ReasonMissing(field=field):
            return catalogue.say("{field} is missing.", field=field)
        case ContactMissing():
            return catalogue.say("Log a contact first: nobody is saved without one.")
        case TooLate() | TooEarly() | BadDate():
            return _untimely(refusal, catalogue)
        case _ as never:
            assert_never(never)


def _unknown(
    refusal: UnknownTask | UnknownManager | KeyUsedBefore | ChangedMeanwhile, catalogue: Catalogue
) -> str:
    match refusal:
        case UnknownTask(task_id=task_id):
            return catalogue.say("There is no task {task}.", task=task_id)
        case UnknownManager(manager=manager):
            return catalogue.say("The managers' file does not name {manager}.", manager=manager)
        case KeyUsedBefore(key=key):
            return catalogue.say("Another command came under the key {key}.", key=key)
        case ChangedMeanwhile():
            return catalogue.say("Others changed the same at this moment; try again.")
        case _ as never:
            assert_never(never)


def _otherwise(refusal: StaleVersion | WrongState | AlreadyOpen, catalogue: Catalogue) -> str:
    match refusal:
        case StaleVersion(task=task):
            return catalogue.say(
                "Something happened meanwhile: the task is {state} now, version {version}.",
                state=state_words(task.state, catalogue),
                version=task.version,
            )
        case WrongState(state=state, allowed=allowed):
            return catalogue.say(
                "The task is {state}; this needs one that is {allowed}.",
                state=state_words(state, catalogue),
                allowed=catalogue.joined([state_words(each, catalogue) for each in allowed]),
            )
        case AlreadyOpen(task_id=task_id):
            return catalogue.say("A newer task is open for this: {task}.", task=task_id)
        case _ as never:
            assert_never(never)


def _not_by_you(
    refusal: NotYours | NotAllowed | OutcomeNotYours | NoCapacity | OnLeave, catalogue: Catalogue
) -> str:
    match refusal:
        case NotYours(manager=None):
            return catalogue.say("The task is nobody's yet.")
        case NotYours(manager=manager):
            return catalogue.say("The task is {manager}'s.", manager=manager)
        case NotAllowed(allowed=allowed):
            return catalogue.say(
                "Only who acts as {roles} may do this.", roles=catalogue.joined(list(allowed))
            )
        case OutcomeNotYours(outcome=outcome):
            said = outcome_words(outcome, catalogue)
            return catalogue.say("“{outcome}” is not found by people.", outcome=said)
        case NoCapacity(manager=manager, capacity=capacity, open_tasks=open_tasks):
            return catalogue.say(
                "{manager} has {open} open tasks and can bear {capacity}.",
                manager=manager,
                open=open_tasks,
                capacity=capacity,
            )
        case OnLeave(manager=manager, until=until):
            return catalogue.say("{manager} is away until {day}.", manager=manager, day=until)
        case _ as never:
            assert_never(never)


def _untimely(refusal: TooLate | TooEarly | BadDate, catalogue: Catalogue) -> str:
    match refusal:
        case TooLate(closed_on=closed_on, days=days):
            return catalogue.say_plural(
                "Closed on {day}: it can be reopened for {number} day.",
                "Closed on {day}: it can be reopened for {number} days.",
                days,
                day=closed_on,
            )
        case TooEarly(until=until):
            return catalogue.say("This lasts until {day}.", day=until)
        case BadDate(first=first, last=last):
            return catalogue.say("A task may rest from {first} to {last}.", first=first, last=last)
        case _ as never:
            assert_never(never)
