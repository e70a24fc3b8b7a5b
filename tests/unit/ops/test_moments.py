"""A TIME as people type it."""

import datetime

import pytest

from events.calendar import BusinessCalendar, instant_of
from services.ops.moments import UnreadableTimeError, read_moment

LONDON = BusinessCalendar("Europe/London")
SHANGHAI = BusinessCalendar("Asia/Shanghai")


def utc(*parts: int) -> int:
    return instant_of(datetime.datetime(*parts, tzinfo=datetime.UTC))  # type: ignore[arg-type]  # only whole numbers are passed


def test_a_day_means_its_end_in_the_business_time_zone() -> None:
    assert read_moment("2011-09-01", LONDON) == utc(2011, 9, 1, 23) - 1
    assert read_moment("2011-09-01", SHANGHAI) == utc(2011, 9, 1, 16) - 1


def test_a_time_without_an_offset_is_one_of_the_business_clocks() -> None:
    assert read_moment("2011-09-01T17:30", LONDON) == utc(2011, 9, 1, 16, 30)
    assert read_moment("2011-01-01 17:30", LONDON) == utc(2011, 1, 1, 17, 30)


@pytest.mark.parametrize("text", ["2011-09-01T16:30:00Z", "2011-09-02T00:30+08:00"])
def test_a_time_with_an_offset_is_taken_at_its_word(text: str) -> None:
    assert read_moment(text, LONDON) == utc(2011, 9, 1, 16, 30)


def test_blanks_around_it_do_not_matter() -> None:
    assert read_moment(" 2011-09-01 ", LONDON) == read_moment("2011-09-01", LONDON)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2011-13-01", "2011-02-30", "01/09/2011", "9999-12-31", "2011-09-01T"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnreadableTimeError, match="write a day such as 2011-09-01"):
        read_moment(text, LONDON)
