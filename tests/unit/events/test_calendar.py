"""Instants and business days, where clocks change and before the epoch."""

import datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.calendar import BusinessCalendar, date_of, day_number, instant_of, time_of

LONDON = BusinessCalendar("Europe/London")
HOUR = 3_600_000_000
ZONES = ["Europe/London", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "UTC"]


def at(text: str) -> int:
    return instant_of(datetime.datetime.fromisoformat(text))


def day(text: str) -> int:
    return day_number(datetime.date.fromisoformat(text))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2011-01-26T00:00:00+00:00", "2011-01-26"),
        ("2011-01-25T23:59:59.999999+00:00", "2011-01-25"),
        ("2011-07-01T22:59:59.999999+00:00", "2011-07-01"),
        ("2011-07-01T23:00:00+00:00", "2011-07-02"),
        ("2011-07-01T00:30:00+01:00", "2011-07-01"),
    ],
)
def test_an_instant_belongs_to_the_day_that_the_business_clock_shows(
    instant: str, expected: str
) -> None:
    assert LONDON.day_of(at(instant)) == day(expected)


def test_the_day_on_which_clocks_go_forward_has_twenty_three_hours() -> None:
    eve, changed = day("2011-03-26"), day("2011-03-27")

    assert LONDON.end_of(changed) - LONDON.end_of(eve) == 23 * HOUR


def test_the_day_on_which_clocks_go_back_has_twenty_five_hours() -> None:
    eve, changed = day("2011-10-29"), day("2011-10-30")

    assert LONDON.end_of(changed) - LONDON.end_of(eve) == 25 * HOUR


def test_both_of_the_hours_that_come_twice_belong_to_the_same_day() -> None:
    first, second = at("2011-10-30T01:30:00+01:00"), at("2011-10-30T01:30:00+00:00")

    assert second - first == HOUR
    assert LONDON.day_of(first) == LONDON.day_of(second) == day("2011-10-30")


def test_the_hour_that_is_skipped_leaves_no_gap() -> None:
    before, after = at("2011-03-27T00:59:59+00:00"), at("2011-03-27T02:00:00+01:00")

    assert after - before == 1_000_000
    assert LONDON.day_of(before) == LONDON.day_of(after) == day("2011-03-27")


@given(
    number=st.integers(day("1900-01-02"), day("2100-12-31")),
    zone=st.sampled_from([zone for zone in ZONES if zone != "Pacific/Apia"]),
)
def test_a_day_ends_one_microsecond_before_the_next_begins(number: int, zone: str) -> None:
    calendar = BusinessCalendar(zone)

    end = calendar.end_of(number)

    assert calendar.day_of(end) == number
    assert calendar.day_of(end + 1) == number + 1


@given(
    instant=st.integers(at("1900-01-02T00:00:00+00:00"), at("2100-12-31T00:00:00+00:00")),
    zone=st.sampled_from(ZONES),
)
def test_an_instant_lies_between_the_ends_of_the_days_around_it(instant: int, zone: str) -> None:
    calendar = BusinessCalendar(zone)

    number = calendar.day_of(instant)

    assert calendar.end_of(number - 1) < instant <= calendar.end_of(number)


def test_an_island_that_skipped_a_day_has_no_instant_on_it() -> None:
    apia, skipped = BusinessCalendar("Pacific/Apia"), day("2011-12-30")

    last = at("2011-12-29T23:59:59.999999-10:00")

    assert apia.day_of(last) == skipped - 1
    assert apia.day_of(last + 1) == skipped + 1


def test_days_before_the_epoch_are_negative() -> None:
    assert day("1970-01-01") == 0
    assert day("1969-12-31") == -1
    assert date_of(-25567) == datetime.date(1900, 1, 1)


def test_instants_before_the_epoch_keep_their_microseconds() -> None:
    instant = at("1969-12-31T23:59:59.999999+00:00")

    assert instant == -1
    assert time_of(instant) == datetime.datetime(
        1969, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC
    )


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        # from 1968 to 1971 London kept summer time all the year round
        ("1969-12-31T23:30:00+00:00", "1970-01-01"),
        ("1955-01-01T00:00:00+00:00", "1955-01-01"),
        ("1954-12-31T23:59:59.999999+00:00", "1954-12-31"),
    ],
)
def test_days_before_the_epoch_follow_the_rules_of_their_time(instant: str, expected: str) -> None:
    assert LONDON.day_of(at(instant)) == day(expected)


@given(st.dates())
def test_a_date_and_its_number_lead_to_each_other(date: datetime.date) -> None:
    assert date_of(day_number(date)) == date


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_and_its_instant_lead_to_each_other(time: datetime.datetime) -> None:
    assert time_of(instant_of(time)) == time.astimezone(datetime.UTC)


def test_whatever_offset_a_time_is_written_with_the_instant_is_the_same() -> None:
    assert at("2011-09-01T12:00:00+00:00") == at("2011-09-01T20:00:00+08:00")


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        BusinessCalendar("Europe/Nowhere")
