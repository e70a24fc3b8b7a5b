"""Folding one customer's slice of the log: time travel, "why" and proof are this one operation."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from events.calendar import day_number
from events.marks import DayOpened, Emission, Emitting
from events.values import CustomerId


class SliceFact(NamedTuple):
    """One of the customer's own facts: where it stands, its day, what it says."""

    offset: int
    day: int
    event: msgspec.Struct


class SliceMark(NamedTuple):
    """A mark of the customer's partition."""

    offset: int
    event: DayOpened | Emitting


class Said(NamedTuple):
    """An output, with the offset of the record that caused it and the day that was open."""

    offset: int
    day: int
    event: msgspec.Struct


class FoldedSlice(NamedTuple):
    """What a slice folds to: no state where there was no fact yet.

    ``counted`` holds the offsets of the marks that stepped the customer or found a signal standing.
    """

    state: CustomerState | None
    today: int | None
    said: Sequence[Said]
    counted: Sequence[int]


def fold_slice(
    fold: CustomerFold,
    projection: str,
    customer_id: CustomerId,
    facts: Sequence[SliceFact],
    marks: Sequence[SliceMark],
) -> FoldedSlice:
    """Fold facts and marks in the order of their offsets, from nothing."""
    state: CustomerState | None = None
    today: int | None = None
    said: list[Said] = []
    counted: list[int] = []
    records: list[SliceFact | SliceMark] = [*facts, *marks]
    for record in sorted(records, key=lambda record: record.offset):
        outputs: tuple[msgspec.Struct, ...] = ()
        match record:
            case SliceMark(event=DayOpened(day=date)):
                today = day_number(date)
                if state is not None and is_due(state, today):
                    state, outputs = fold.due_day(customer_id, state, today)
                    counted.append(record.offset)
            case SliceMark(event=Emitting(projection=name, emission=Emission.LIVE)):
                if name == projection and state is not None and today is not None:
                    outputs = fold.standings(customer_id, state, today)
                    counted += [record.offset] * state.has_standing()
            case SliceFact(offset=offset, day=day, event=event):
                if today is None:
                    raise ValueError(f"offset {offset}: a fact before the first day was opened")
                state, outputs = fold.fact(customer_id, state, event, day, today)
            case _:
                continue  # other marks leave customers alone
        said += [Said(record.offset, today or 0, output) for output in outputs]
    return FoldedSlice(state, today, said, counted)


def is_due(state: CustomerState, today: int) -> bool:
    """Tell whether the opening of ``today`` steps this customer."""
    due = state.due_day()
    return due is not None and due <= today
