"""Folding one customer's slice of the log: time travel, "why" and proof are this one operation."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from domain.customer.fold import CustomerFold
from domain.customer.slice_marks import BEYOND, SliceMarks
from domain.customer.state import CustomerState
from events.values import CustomerId


class SliceFact(NamedTuple):
    """One of the customer's own facts: where it stands, its day, what it says."""

    offset: int
    day: int
    event: msgspec.Struct


class Said(NamedTuple):
    """An output, with the offset of the record that caused it and the day that was open."""

    offset: int
    day: int
    event: msgspec.Struct


class FoldedSlice(NamedTuple):
    """What a slice folds to: no state where there was no fact yet.

    ``counted`` holds the offsets of the marks that stepped the customer, and of those at which the
    projection went live, one for each signal that stood.
    """

    state: CustomerState | None
    today: int | None
    said: Sequence[Said]
    counted: Sequence[int]


OnDueDay = Callable[[int, CustomerState], None]
"""Is shown the state as it stands when one of the customer's due days was stepped, with that day."""


def fold_slice(
    fold: CustomerFold,
    customer_id: CustomerId,
    facts: Iterable[SliceFact],
    marks: SliceMarks,
    up_to: int = BEYOND,
    on_due_day: OnDueDay | None = None,
) -> FoldedSlice:
    """Fold a customer's facts and its partition's marks up to an offset, from nothing.

    They are folded in the order of their offsets. Raises ``ValueError`` where a fact stands before
    the first day was opened.
    """
    folding = _Folding(fold, customer_id, marks, on_due_day)
    for fact in sorted(facts, key=lambda fact: fact.offset):
        if fact.offset > up_to:
            break
        folding.pass_marks(fact.offset)
        folding.pass_fact(fact)
    folding.pass_marks(up_to + 1)
    return FoldedSlice(folding.state, marks.today(up_to), folding.said, folding.counted)


class _Folding:
    """One customer on its way through the log; ``_at`` is the last record that it has met."""

    def __init__(
        self,
        fold: CustomerFold,
        customer_id: CustomerId,
        marks: SliceMarks,
        on_due_day: OnDueDay | None,
    ) -> None:
        self.state: CustomerState | None = None
        self.said: list[Said] = []
        self.counted: list[int] = []
        self._fold = fold
        self._customer_id = customer_id
        self._marks = marks
        self._on_due_day = on_due_day
        self._at = -1

    def pass_fact(self, fact: SliceFact) -> None:
        """Fold one of the customer's own facts."""
        self._at, today = fact.offset, self._today(fact.offset)
        step = self._on(today).fact(self._customer_id, self.state, fact.event, fact.day, today)
        self.state = step.state
        self._say(today, step.outputs)

    def pass_marks(self, until: int) -> None:
        """Meet the marks that concern the customer, of those below an offset."""
        while self.state is not None:
            due = self._marks.next_due(self._at, self.state.due_day())
            live = self._marks.next_live(self._at)
            if min(due, live) >= min(until, BEYOND):
                return
            if due < live:
                self._pass_due_day(due, self.state)
            else:
                self._pass_live(live, self.state)

    def _pass_due_day(self, offset: int, state: CustomerState) -> None:
        self._at, today = offset, self._today(offset)
        feeds = self._marks.feeds(offset)
        step = self._on(today).due_day(self._customer_id, state, today, feeds=feeds)
        self.state = step.state
        self.counted.append(offset)
        self._say(today, step.outputs)
        if self._on_due_day is not None and step.state is not None:
            self._on_due_day(today, step.state)

    def _pass_live(self, offset: int, state: CustomerState) -> None:
        self._at, today = offset, self._today(offset)
        standings = self._on(today).standings(self._customer_id, state, today)
        self.counted += [offset] * len(standings)
        self._say(today, standings)

    def _on(self, today: int) -> CustomerFold:
        """Return the fold under the model of a day."""
        return self._fold.under(self._marks.models.of(today))

    def _today(self, offset: int) -> int:
        today = self._marks.today(offset)
        if today is None:
            raise ValueError(f"offset {offset}: a fact before the first day was opened")
        return today

    def _say(self, today: int, outputs: Iterable[msgspec.Struct]) -> None:
        self.said += [Said(self._at, today, output) for output in outputs]
