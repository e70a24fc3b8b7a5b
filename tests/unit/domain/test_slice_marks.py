"""Finding the next mark that concerns a customer, without looking at the others."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.customer.feeds import NO_FEEDS, FeedClosing
from domain.customer.slice_marks import BEYOND, SliceMark, SliceMarks
from events.calendar import date_of
from events.marks import DayOpened, Emission, Emitting, FeedDay, FeedVerdict
from tests.support.given import DAY


def opened(*days: int) -> list[SliceMark]:
    """Days as they were opened, at the offsets 10, 20, 30 and so on."""
    return [
        SliceMark(10 * number, DayOpened(date_of(DAY + day))) for number, day in enumerate(days, 1)
    ]


def emitting(offset: int, projection: str, emission: Emission) -> SliceMark:
    return SliceMark(offset, Emitting(projection, emission))


@pytest.mark.parametrize(
    ("after", "due_day", "found"),
    [
        (-1, DAY, 10),
        (-1, DAY - 100, 10),
        (9, DAY, 10),
        (10, DAY, 20),
        (10, DAY + 3, 40),
        (40, DAY + 3, 50),
        (49, DAY + 4, 50),
        (50, DAY, BEYOND),
        (-1, DAY + 5, BEYOND),
        (-1, None, BEYOND),
    ],
)
def test_a_due_day_comes_with_the_first_mark_that_opens_it_or_a_later_one(
    after: int, due_day: int | None, found: int
) -> None:
    assert SliceMarks(opened(0, 1, 2, 3, 4), "first").next_due(after, due_day) == found


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(-1, 130), st.integers(DAY, DAY + 10))
@example([9, 0, 0, 5], 10, DAY + 5)
def test_in_a_log_that_was_tampered_with_no_day_is_missed_either(
    days: Sequence[int], after: int, due_day: int
) -> None:
    offsets = (10 * number for number, day in enumerate(days, 1) if DAY + day >= due_day)
    first = next((offset for offset in offsets if offset > after), BEYOND)

    assert SliceMarks(opened(*days), "first").next_due(after, due_day) == first


class LookedAt(list[int]):
    """Days that count how often one of them is looked at."""

    times = 0

    def __getitem__(self, place: int) -> int:  # type: ignore[override]  # nobody cuts slices of it
        self.times += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("far", [2, 3_000])
def test_the_days_in_between_are_not_looked_at(far: int) -> None:
    marks = SliceMarks(opened(*range(far + 1)), "first")
    marks._days = days = LookedAt(marks._days)

    assert marks.next_due(10, DAY + far) == 10 * (far + 1)
    assert days.times == 1


@pytest.mark.parametrize(
    ("offset", "today"), [(-1, None), (9, None), (10, DAY), (19, DAY), (20, DAY + 1), (99, DAY + 1)]
)
def test_the_open_day_is_that_of_the_last_mark(offset: int, today: int | None) -> None:
    assert SliceMarks(opened(0, 1), "first").today(offset) == today


def test_only_going_live_concerns_a_customer_and_only_in_its_own_projection() -> None:
    marks = SliceMarks(
        [
            *opened(0, 1),
            emitting(40, "first", Emission.LIVE),
            emitting(21, "another", Emission.LIVE),
            emitting(30, "first", Emission.HISTORY),
            emitting(25, "first", Emission.LIVE),
        ],
        "first",
    )

    assert [marks.next_live(after) for after in (-1, 24, 25, 39, 40)] == [25, 25, 40, 40, BEYOND]


def test_without_marks_nothing_comes() -> None:
    marks = SliceMarks([], "first")

    assert (marks.today(5), marks.next_due(-1, DAY), marks.next_live(-1)) == (None, BEYOND, BEYOND)


def test_the_feeds_at_an_offset_are_those_of_the_last_mark_before_it() -> None:
    closing = FeedDay("data", date_of(DAY), FeedVerdict.ARRIVED)
    marks = SliceMarks(
        [
            SliceMark(10, DayOpened(date_of(DAY))),
            SliceMark(20, DayOpened(date_of(DAY + 1), (closing,))),
            SliceMark(30, DayOpened(date_of(DAY + 2))),
        ],
        "first",
    )

    assert [marks.feeds(offset) for offset in (5, 10, 19, 30, 99)] == [NO_FEEDS] * 5
    assert marks.feeds(20) == marks.feeds(29) == {"data": [FeedClosing(DAY, arrived=True)]}
