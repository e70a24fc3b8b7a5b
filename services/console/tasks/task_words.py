"""The words for tasks: states, what can be done, how they end, and why something was not done."""

from typing import assert_never

from domain.retention import refusals
from domain.retention.refusals import Refusal
from domain.retention.task import TaskState
from events.interactions import Direction
from events.task_values import DeclineReason, Outcome, ProbabilitySource, Route, WakeOn, WokenBy
from services.console.tasks.verbs import Verb
from services.console.words import Words
from services.ops.rendering.fact_wording import direction_words
from services.ops.rendering.task_wording import source_words


class TaskWords:
    """The words of one reader."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.states = _states(words)
        self.verbs = _verbs(words)
        self.outcomes = _outcomes(words)
        self.declines = _declines(words)
        self.wakes = _wakes(words)
        self.wokens = _wokens(words)
        self.routes = _routes(words)
        self.sources = {each: source_words(each, words.catalogue) for each in ProbabilitySource}

    def direction(self, direction: Direction) -> str:
        """Return who sought whom."""
        return direction_words(direction, self._words.catalogue)

    def refusal(self, refusal: Refusal) -> str:
        """Return why a command was not carried out, and what to do."""
        return self._of_task(refusal) or self._of_people(refusal) or self._of_input(refusal)

    def unreadable(self, field: str) -> str:
        """Return what is wrong with a form."""
        return self._words.say("Nothing was done: the field {field} cannot be read.", field=field)

    def _of_task(self, refusal: Refusal) -> str | None:
        words, said = self._words, None
        match refusal:
            case refusals.UnknownTask():
                said = words.say("There is no such task.")
            case refusals.StaleVersion():
                said = words.say("Something happened meanwhile; this is how the task stands now.")
            case refusals.WrongState(state=state):
                said = words.say(
                    "The task is {state}: this cannot be done now.", state=self.states[state]
                )
            case refusals.AlreadyOpen():
                said = words.say("Another task is open for this account and reason.")
            case refusals.ChangedMeanwhile():
                said = words.say("Others keep changing the same: nothing was done, try again.")
            case refusals.TooLate(closed_on=day, days=days):
                said = words.say(
                    "Closed on {day}: a task can be reopened for {days} days.", day=day, days=days
                )
            case refusals.TooEarly(until=until):
                said = words.say("This is not over before {day}.", day=until)
            case refusals.KeyUsedBefore():
                said = words.say(
                    "This was sent before with something else in it: nothing was done."
                )
            case _:
                pass
        return said

    def _of_people(self, refusal: Refusal) -> str | None:
        words = self._words
        match refusal:
            case refusals.NotYours(manager=manager):
                return words.say(
                    "The task is with {manager}.", manager=manager or words.say("nobody yet")
                )
            case refusals.NotAllowed():
                return words.say("Your role may not do this.")
            case refusals.NoCapacity(manager=manager, capacity=capacity):
                return words.say(
                    "{manager} has as much open work as fits: {capacity} tasks.",
                    manager=manager,
                    capacity=capacity,
                )
            case refusals.UnknownManager(manager=manager):
                return words.say("The managers' file does not name {manager}.", manager=manager)
            case refusals.OnLeave(manager=manager, until=until):
                return words.say("{manager} is away until {day}.", manager=manager, day=until)
            case _:
                return None

    def _of_input(self, refusal: Refusal) -> str:
        words = self._words
        match refusal:
            case refusals.ReasonMissing(field=field):
                return words.say("Nothing was done: {field} is missing.", field=field)
            case refusals.ContactMissing():
                return words.say(
                    "Saved only where somebody spoke to the customer: log a contact first."
                )
            case refusals.OutcomeNotYours():
                return words.say("Only Holdfast itself finds this outcome.")
            case refusals.BadDate(first=first, last=last):
                return words.say("A task may rest from {first} to {last}.", first=first, last=last)
            case (
                refusals.UnknownTask()
                | refusals.StaleVersion()
                | refusals.WrongState()
                | refusals.AlreadyOpen()
                | refusals.ChangedMeanwhile()
                | refusals.TooLate()
                | refusals.TooEarly()
                | refusals.KeyUsedBefore()
                | refusals.NotYours()
                | refusals.NotAllowed()
                | refusals.NoCapacity()
                | refusals.UnknownManager()
                | refusals.OnLeave()
            ):
                return words.say("Nothing was done.")
            case _ as never:
                assert_never(never)


def _states(words: Words) -> dict[TaskState, str]:
    """Return the words for where a task is."""
    return {
        TaskState.QUEUED: words.say("in the queue"),
        TaskState.OFFERED: words.say("offered"),
        TaskState.WORKING: words.say("in work"),
        TaskState.SNOOZED: words.say("snoozed"),
        TaskState.CLOSED: words.say("closed"),
    }


def _verbs(words: Words) -> dict[Verb, str]:
    """Return the words for what can be done."""
    return {
        Verb.ACCEPT: words.say("Accept"),
        Verb.CLAIM: words.say("Take"),
        Verb.DECLINE: words.say("Decline"),
        Verb.CONTACT: words.say("Log contact"),
        Verb.NOTE: words.say("Write a note"),
        Verb.SNOOZE: words.say("Snooze"),
        Verb.WAKE: words.say("Wake"),
        Verb.REASSIGN: words.say("Hand over"),
        Verb.CLOSE: words.say("Close the task"),
        Verb.REOPEN: words.say("Reopen"),
    }


def _outcomes(words: Words) -> dict[Outcome, str]:
    """Return the words for how a task ended."""
    return {
        Outcome.SAVED_CONFIRMED: words.say("saved, confirmed"),
        Outcome.SAVED_WITH_OFFER: words.say("saved with an offer"),
        Outcome.RECOVERED_UNTOUCHED: words.say("recovered untouched"),
        Outcome.FALSE_ALARM: words.say("false alarm"),
        Outcome.UNREACHABLE: words.say("could not be reached"),
        Outcome.LOST_TO_PRICE: words.say("lost to price"),
        Outcome.LOST_TO_SERVICE: words.say("lost to service"),
        Outcome.LOST_TO_COMPETITOR: words.say("lost to a competitor"),
        Outcome.LOST_TO_CLOSED_BUSINESS: words.say("lost: closed business"),
        Outcome.LOST_OBSERVED: words.say("lost, as observed"),
        Outcome.DECLINED_TO_SERVE: words.say("declined to serve"),
        Outcome.MODEL_CHANGED: words.say("the model changed"),
        Outcome.MOVED: words.say("moved to another account"),
    }


def _declines(words: Words) -> dict[DeclineReason, str]:
    """Return the words for why a task is not taken."""
    return {
        DeclineReason.NO_TIME: words.say("no time"),
        DeclineReason.NOT_MINE: words.say("not mine"),
        DeclineReason.CONFLICT: words.say("conflict of interest"),
        DeclineReason.OTHER: words.say("something else (say what in a note)"),
    }


def _wakes(words: Words) -> dict[WakeOn, str]:
    """Return the words for what wakes a task."""
    return {
        WakeOn.SCORE_UP: words.say("the score goes up"),
        WakeOn.NEW_COMPLAINT: words.say("a new complaint"),
        WakeOn.CUSTOMER_CONTACT: words.say("the customer gets in touch"),
    }


def _wokens(words: Words) -> dict[WokenBy, str]:
    """Return the words for what woke a task."""
    return {
        WokenBy.DATE: words.say("the day came"),
        WokenBy.SCORE_UP: words.say("the score went up"),
        WokenBy.NEW_COMPLAINT: words.say("a complaint came"),
        WokenBy.CUSTOMER_CONTACT: words.say("the customer got in touch"),
        WokenBy.BY_HAND: words.say("by hand"),
    }


def _routes(words: Words) -> dict[Route, str]:
    """Return the words for why it was offered to somebody."""
    return {
        Route.OWNER: words.say("as owner"),
        Route.BACKUP: words.say("as backup"),
        Route.LEAST_LOADED: words.say("as least loaded"),
    }
