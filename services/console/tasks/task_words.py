"""The words for tasks: states, what can be done, how they end, and why something was not done."""

from domain.retention.refusals import Refusal
from domain.retention.task import TaskState
from events.interactions import Direction
from events.task_values import DeclineReason, Outcome, ProbabilitySource, Route, WakeOn, WokenBy
from services.console.tasks.verbs import Verb
from services.console.words import Words
from services.ops.rendering.fact_wording import direction_words
from services.ops.rendering.task_wording import (
    outcome_words,
    refusal_words,
    source_words,
    state_words,
)


class TaskWords:
    """The words of one reader."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.states = {each: state_words(each, words.catalogue) for each in TaskState}
        self.verbs = _verbs(words)
        self.outcomes = {each: outcome_words(each, words.catalogue) for each in Outcome}
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
        return refusal_words(refusal, self._words.catalogue)

    def unreadable(self, field: str) -> str:
        """Return what is wrong with a form."""
        return self._words.say("Nothing was done: the field {field} cannot be read.", field=field)


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
