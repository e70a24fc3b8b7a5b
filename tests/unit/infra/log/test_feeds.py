"""Schedules: which days of which feed close when a day is opened, and what is known of them."""

import pytest

from events.calendar import date_of
from events.control import SourceScheduled
from events.marks import FeedDay, FeedVerdict
from infra.log.feeds import (
    Arrival,
    Feed,
    ServiceTakenError,
    check_schedule,
    closings,
    with_closed,
    with_schedule,
)
from tests.support.given import DAY

ARRIVED, LATE, UNJUDGED = FeedVerdict.ARRIVED, FeedVerdict.LATE, FeedVerdict.UNJUDGED
DATA = {"data": Feed("probe", 0, DAY)}


def of(service: str, day: int, verdict: FeedVerdict) -> FeedDay:
    return FeedDay(service, date_of(day), verdict)


def test_a_source_has_a_feed_for_each_of_its_services() -> None:
    feeds = with_schedule({}, SourceScheduled("probe", ("voice", "data"), 2), None)

    assert feeds == {"data": Feed("probe", 2), "voice": Feed("probe", 2)}
    assert list(feeds) == ["data", "voice"], "in an order that does not hang on how it was said"


def test_of_a_schedule_days_are_judged_from_the_next_one_on() -> None:
    feeds = with_schedule({}, SourceScheduled("probe", ("data",), 1), DAY)

    assert feeds == {"data": Feed("probe", 1, DAY + 1)}


def test_what_a_source_declares_takes_the_place_of_what_it_had() -> None:
    feeds = {"data": Feed("probe", 1, DAY - 3), "sms": Feed("probe", 1, DAY - 3)}

    changed = with_schedule(feeds, SourceScheduled("probe", ("data", "voice"), 2), DAY)

    assert changed == {"data": Feed("probe", 2, DAY - 3), "voice": Feed("probe", 2, DAY + 1)}


def test_another_sources_feeds_are_left_alone() -> None:
    feeds = {"data": Feed("probe", 1, DAY), "sms": Feed("switch", 0, DAY)}

    assert with_schedule(feeds, SourceScheduled("probe", (), 0), DAY) == {
        "sms": Feed("switch", 0, DAY)
    }


def test_a_service_has_one_feed() -> None:
    with pytest.raises(ServiceTakenError, match="source probe has declared data already"):
        check_schedule(DATA, SourceScheduled("switch", ("voice", "data"), 0))
    check_schedule(DATA, SourceScheduled("probe", ("data",), 3))


def test_without_feeds_nothing_closes() -> None:
    assert closings({}, DAY, DAY - 5, set()) == ()


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_a_day_closes_when_it_is_over_and_its_delay_has_passed(delay: int) -> None:
    feeds = {"data": Feed("probe", delay, DAY)}

    closing = closings(feeds, DAY + 1 + delay, DAY - 9, {Arrival("data", DAY)})

    assert closing == (of("data", DAY, ARRIVED),)


def test_a_day_of_which_nothing_came_is_late() -> None:
    assert closings(DATA, DAY + 1, DAY - 9, set()) == (of("data", DAY, LATE),)


def test_the_days_around_it_do_not_stand_for_a_day() -> None:
    arrived = {Arrival("data", DAY - 1), Arrival("data", DAY + 1), Arrival("voice", DAY)}

    assert closings(DATA, DAY + 1, DAY - 9, arrived) == (of("data", DAY, LATE),)


def test_a_day_before_the_schedule_is_not_judged() -> None:
    feeds = {"data": Feed("probe", 2, DAY + 1)}

    assert closings(feeds, DAY + 1, DAY - 9, set()) == (of("data", DAY - 2, UNJUDGED),)


def test_a_day_before_the_logs_first_is_not_judged() -> None:
    feeds = {"data": Feed("probe", 1)}

    assert closings(feeds, DAY, None, set()) == (of("data", DAY - 2, UNJUDGED),)
    assert closings(feeds, DAY + 1, DAY, set()) == (of("data", DAY - 1, UNJUDGED),)
    assert closings(feeds, DAY + 2, DAY, set()) == (of("data", DAY, LATE),)


def test_where_the_delay_grows_no_day_closes_twice() -> None:
    feeds = {"data": Feed("probe", 3, DAY)}

    found = [closings(feeds, DAY + opened, DAY - 9, set())[0] for opened in (1, 2, 3, 4)]

    assert [closing.verdict for closing in found] == [UNJUDGED, UNJUDGED, UNJUDGED, LATE]


def test_where_the_delay_shrinks_the_days_between_close_together() -> None:
    feeds = {"data": Feed("probe", 0, DAY - 2)}
    arrived = {Arrival("data", DAY - 2), Arrival("data", DAY)}

    assert closings(feeds, DAY + 1, DAY - 9, arrived) == (
        of("data", DAY - 2, ARRIVED),
        of("data", DAY - 1, LATE),
        of("data", DAY, ARRIVED),
    )


def test_what_was_closed_is_not_judged_again() -> None:
    closed = (of("data", DAY, LATE),)

    assert with_closed(DATA, closed) == {"data": Feed("probe", 0, DAY + 1, closed[0])}
    assert with_closed(DATA, (of("data", DAY - 1, UNJUDGED),)) == DATA
    assert with_closed({}, closed) == {}
