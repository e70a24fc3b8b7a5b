"""Folding a slice record by record, every mark for itself: slow, and what `fold_slice` must equal."""

from collections.abc import Sequence

import msgspec

from domain.customer.feeds import feeds_of
from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, Said, SliceFact
from domain.customer.slice_marks import SliceMark
from domain.customer.state import CustomerState
from domain.detection.day_model import NEVER_LEARNED, ModelHistory
from events.calendar import day_number
from events.marks import DayOpened, Emission, Emitting
from events.values import CustomerId


def fold_every_record(
    fold: CustomerFold,
    projection: str,
    customer_id: CustomerId,
    facts: Sequence[SliceFact],
    marks: Sequence[SliceMark],
    models: ModelHistory = NEVER_LEARNED,
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
            case SliceMark(event=DayOpened() as opened):
                today = day_number(opened.day)
                fold = fold.under(models.of(today))
                due_day = None if state is None else state.due_day()
                if state is not None and due_day is not None and due_day <= today:
                    state, outputs = fold.due_day(customer_id, state, today, feeds=feeds_of(opened))
                    counted.append(record.offset)
            case SliceMark(event=Emitting(projection=name, emission=Emission.LIVE)):
                if name == projection and state is not None and today is not None:
                    outputs = fold.standings(customer_id, state, today)
                    counted += [record.offset] * len(outputs)
            case SliceFact(day=day, event=event) if today is not None:
                state, outputs = fold.fact(customer_id, state, event, day, today)
            case _:
                continue
        said += [Said(record.offset, today or 0, output) for output in outputs]
    return FoldedSlice(state, today, said, counted)
