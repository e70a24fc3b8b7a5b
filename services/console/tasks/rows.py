"""A task as a row shows it: worth, whose, why in words, where it stands, by when, what to do next."""

import datetime
from typing import NamedTuple

from domain.learning.scoring import probability
from domain.retention.task import RetentionTask, TaskState
from events.task_values import TaskEvidence
from events.values import Money
from infra.inbox.port import InboxRow
from services.console.tasks.acting import Acting
from services.console.tasks.task_words import TaskWords
from services.console.tasks.verbs import Verb, first_verb
from services.console.words import Words
from services.ops.rendering.task_wording import evidence_sentence

SECONDS_AN_HOUR, HOURS_A_DAY = 3600, 24


class Moved(NamedTuple):
    """By how much a likelihood moved: in a sentence, and in a few signs where it did."""

    brief: str
    said: str


class RowView(NamedTuple):
    """Everything that a row says; ``others`` counts further customers behind the task."""

    task: RetentionTask
    label: str
    value: str
    stake: str
    why: str
    moved: Moved | None
    others: int
    state: str
    holder: str
    due: str
    overdue: bool
    verb: Verb | None
    said: str


class RowMaker(NamedTuple):
    """Makes rows for one reader at one moment."""

    words: Words
    named: TaskWords
    acting: Acting | None
    now: datetime.datetime

    def row(self, kept: InboxRow) -> RowView:
        """Return a row."""
        task = kept.task
        currency, strongest = task.priority.currency, _strongest(task)
        verb = first_verb(task, self.acting)
        stake = Money(sum(part.stake for part in task.priority.parts), currency)
        return RowView(
            task=task,
            label=kept.label,
            value=self.words.whole_money(Money(task.priority.value, currency)),
            stake=self.words.whole_money(stake),
            why=self._why(task, strongest),
            moved=None if strongest is None else self.moved(strongest),
            others=max(0, len({entry.customer_id for entry in task.standing}) - 1),
            state=self.named.states[task.state],
            holder=self._holder(task),
            due=self.due(task),
            overdue=task.is_open and task.due < self.now,
            verb=verb,
            said="" if verb is None else self.named.verbs[verb],
        )

    def evidence(self, task: RetentionTask, entry: TaskEvidence) -> str:
        """Return a piece of evidence in words."""
        return evidence_sentence(task.reason, entry, self.words.catalogue)

    def moved(self, entry: TaskEvidence) -> Moved | None:
        """Return by how much the likelihood moved since the week before; None where that is not told."""
        score, words = entry.score, self.words
        if score is None or score.change is None:
            return None
        before, now = probability(score.change.before), probability(score.log_odds)
        points, since = round(now * 100) - round(before * 100), score.change.since
        if not points:
            return Moved("", words.say("unchanged"))
        if points > 0:
            said = words.say_plural(
                "{number} point up since {day}", "{number} points up since {day}", points, day=since
            )
            return Moved(f"▲ {points}", said)
        said = words.say_plural(
            "{number} point down since {day}",
            "{number} points down since {day}",
            -points,
            day=since,
        )
        return Moved(f"▼ {-points}", said)

    def due(self, task: RetentionTask) -> str:
        """Return by when, as seen from now."""
        if task.state is TaskState.SNOOZED and task.snoozed_until is not None:
            return self.words.say("rests until {day}", day=task.snoozed_until)
        if not task.is_open:
            return "" if task.closed_on is None else self.words.date(task.closed_on)
        hours = round((task.due - self.now).total_seconds() / SECONDS_AN_HOUR)
        return self._late(-hours) if task.due < self.now else self._ahead(hours)

    def _late(self, hours: int) -> str:
        if hours < HOURS_A_DAY:
            return self.words.say_plural("{number} hour late", "{number} hours late", hours)
        days = round(hours / HOURS_A_DAY)
        return self.words.say_plural("{number} day late", "{number} days late", days)

    def _ahead(self, hours: int) -> str:
        if hours < HOURS_A_DAY:
            return self.words.say_plural("in {number} hour", "in {number} hours", hours)
        days = round(hours / HOURS_A_DAY)
        return self.words.say_plural("in {number} day", "in {number} days", days)

    def _holder(self, task: RetentionTask) -> str:
        if task.state is TaskState.CLOSED:
            return "" if task.outcome is None else self.named.outcomes[task.outcome]
        if task.manager is None:
            return ""
        if self.acting is not None and task.manager == self.acting.code:
            return self.words.say("you")
        return task.manager

    def _why(self, task: RetentionTask, strongest: TaskEvidence | None) -> str:
        if strongest is None:
            return self.words.say("nobody stands behind it any more")
        return self.evidence(task, strongest)


def _strongest(task: RetentionTask) -> TaskEvidence | None:
    return max(
        task.standing,
        key=lambda entry: (entry.probability * entry.stake.amount, entry.customer_id),
        default=None,
    )
