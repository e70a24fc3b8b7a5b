"""Folding a slice: what marks do to one customer, and what is counted of it."""

import pytest

from domain.customer.slice import FoldedSlice, SliceFact, SliceMark, fold_slice
from events.calendar import date_of
from events.marks import DayOpened, Emission, Emitting
from events.signals import RiskStanding
from tests.support.given import DAY
from tests.support.steps import ANNA, GBP, bought, buying, life

QUIET = life(buying(*range(0, 64, 7)), 95)


def quiet_then(*marks: Emitting) -> FoldedSlice:
    """Ten weekly orders, a silence long enough to stand, and then these marks."""
    facts: list[SliceFact] = []
    opened: list[SliceMark] = []
    for day in range(96):
        opened.append(SliceMark(2 * day, DayOpened(date_of(DAY + day))))
        if day % 7 == 0 and day < 64:
            facts.append(SliceFact(2 * day + 1, DAY + day, bought(order_id=f"o{day}")))
    opened += [SliceMark(200 + number, mark) for number, mark in enumerate(marks)]
    return fold_slice(GBP, "first", ANNA, facts, opened)


def standings(folded: FoldedSlice) -> list[int]:
    return [entry.offset for entry in folded.said if isinstance(entry.event, RiskStanding)]


def test_what_stands_is_said_when_the_projection_goes_live() -> None:
    folded = quiet_then(Emitting("first", Emission.HISTORY), Emitting("first", Emission.LIVE))

    assert standings(folded) == [201]
    assert folded.said[-1].day == DAY + 95


@pytest.mark.parametrize(
    "mark", [Emitting("another", Emission.LIVE), Emitting("first", Emission.HISTORY)]
)
def test_no_other_mark_makes_a_customer_say_anything(mark: Emitting) -> None:
    folded = quiet_then(mark)

    assert standings(folded) == []
    assert folded.state == QUIET.state


def test_marks_that_stepped_or_found_something_standing_are_counted() -> None:
    folded = quiet_then(Emitting("another", Emission.LIVE), Emitting("first", Emission.LIVE))

    assert folded.counted == [2 * 92, 201]


def test_the_order_is_that_of_the_offsets_however_they_are_handed_in() -> None:
    marks = [SliceMark(2, DayOpened(date_of(DAY + 1))), SliceMark(0, DayOpened(date_of(DAY)))]
    facts = [SliceFact(3, DAY + 1, bought(200, "o2")), SliceFact(1, DAY, bought(100, "o1"))]

    folded = fold_slice(GBP, "first", ANNA, facts, marks)

    assert folded.today == DAY + 1
    assert folded.state is not None
    assert (folded.state.purchases.last_amount, folded.state.late_facts) == (200, 0)


def test_marks_alone_make_no_customer() -> None:
    folded = fold_slice(GBP, "first", ANNA, [], [SliceMark(0, DayOpened(date_of(DAY)))])

    assert (folded.state, folded.today, folded.said) == (None, DAY, [])


def test_nothing_at_all_folds_to_nothing() -> None:
    assert fold_slice(GBP, "first", ANNA, [], []) == FoldedSlice(None, None, [], [])
