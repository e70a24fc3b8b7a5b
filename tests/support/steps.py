"""One customer's life, folded day by day without any machinery: for tests of the rules."""

from collections.abc import Iterable

import msgspec

from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, SliceFact, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from domain.detection.day_model import NEVER_LEARNED, ModelHistory
from events.calendar import date_of
from events.marks import DayOpened
from events.orders import OrderPlaced
from events.values import Money
from tests.support.given import DAY, id_of, ref
from tests.support.world import PROJECTION

GBP = CustomerFold("GBP")
ANNA = id_of("anna")


def bought(amount: int = 1_000, order_id: str = "o1") -> OrderPlaced:
    """An order of Anna's."""
    return OrderPlaced(ref("anna"), order_id, Money(amount, "GBP"))


def life(
    facts: Iterable[tuple[int, msgspec.Struct]],
    until: int,
    arrivals: Iterable[tuple[int, int, msgspec.Struct]] = (),
    models: ModelHistory = NEVER_LEARNED,
) -> FoldedSlice:
    """Fold Anna's facts up to the day ``until``. Days count from `DAY`, which is 0.

    ``facts`` are (day, event) on time; ``arrivals`` are (day, day of arrival, event). Scores are
    given by ``models``.
    """
    on_arrival = [(day, day, event) for day, event in facts] + list(arrivals)
    marks: list[SliceMark] = []
    slices: list[SliceFact] = []
    offset = 0
    for today in range(until + 1):
        marks.append(SliceMark(offset, DayOpened(date_of(DAY + today))))
        offset += 1
        for day, arrival, event in on_arrival:
            if arrival == today:
                slices.append(SliceFact(offset, DAY + day, event))
                offset += 1
    return fold_slice(GBP, ANNA, slices, SliceMarks(marks, PROJECTION, models))


def buying(*days: int) -> list[tuple[int, msgspec.Struct]]:
    """One order on each of these days."""
    return [(day, bought(order_id=f"o{day}")) for day in days]
