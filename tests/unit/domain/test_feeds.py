"""What a day mark makes of a customer's services: watched on with a feed, let go without one."""

import datetime

import pytest

from domain.customer.feeds import NO_FEEDS, FeedClosing, Feeds, at_mark, feeds_of
from domain.customer.usage import Consumption, ServiceUsage
from domain.detection.metered_watch import unpack
from events.marks import DayOpened, FeedDay, FeedVerdict

D = 15_000


def on_day(today: int, day: int | None = None, amount: float = 2.0) -> Consumption:
    """A first use of mobile data."""
    return Consumption().with_usage("data", "GB", today if day is None else day, today, amount)


def feed(day: int, *, arrived: bool = True) -> Feeds:
    return {"data": (FeedClosing(day, arrived),)}


def the_service(consumption: Consumption) -> ServiceUsage:
    (entry,) = consumption.services
    return entry


def test_a_mark_without_feeds_speaks_of_none() -> None:
    assert feeds_of(DayOpened(datetime.date(2011, 1, 26))) == NO_FEEDS == {}


def test_a_mark_closes_the_days_of_each_service_in_order() -> None:
    opened = DayOpened(
        datetime.date(2011, 1, 27),
        (
            FeedDay("data", datetime.date(2011, 1, 25), FeedVerdict.ARRIVED),
            FeedDay("data", datetime.date(2011, 1, 26), FeedVerdict.LATE),
            FeedDay("voice", datetime.date(2011, 1, 24), FeedVerdict.UNJUDGED),
        ),
    )

    assert feeds_of(opened) == {
        "data": [FeedClosing(D - 1, arrived=True), FeedClosing(D, arrived=False)],
        "voice": [FeedClosing(D - 2, arrived=False)],
    }


def test_a_service_with_a_feed_is_watched_from_its_first_record_on() -> None:
    after = at_mark(on_day(D), D + 1, feed(D))

    watch = unpack(the_service(after).watch)
    assert (watch.next_day, watch.level.counted) == (D + 1, 1)
    assert watch.level.mean_used == 2.0
    assert after.due_day == D + 2


@pytest.mark.parametrize(("later", "asks"), [(1, False), (14, False), (15, True), (400, True)])
def test_a_service_without_a_feed_is_let_go_until_it_is_used_in_two_weeks(
    later: int, *, asks: bool
) -> None:
    after = at_mark(on_day(D), D + 1, NO_FEEDS)

    assert the_service(after).watch == b""
    assert after.due_day is None
    again = after.with_usage("data", "GB", D + later, D + later, 3.0)
    assert again.due_day == (D + later + 1 if asks else None)
    assert (the_service(again).watch != b"") is asks


def test_a_service_that_is_new_is_asked_about_at_once() -> None:
    after = at_mark(on_day(D), D + 1, NO_FEEDS)

    newcomer = after.with_usage("voice", "min", D + 2, D + 2, 3.0)

    assert newcomer.due_day == D + 3
    assert unpack(newcomer.services[1].watch).totals == (3.0,)


def test_a_service_that_is_watched_is_looked_at_whatever_another_lacks() -> None:
    both = on_day(D).with_usage("voice", "min", D, D, 3.0)
    watched = at_mark(both, D + 1, feed(D))
    used = watched.with_usage("data", "GB", D + 1, D + 1, 4.0)

    closed = at_mark(used, D + 2, feed(D + 1))

    assert unpack(closed.services[0].watch).level.counted == 2
    assert closed.services[1].watch == b""
    assert closed.due_day == D + 3


def test_the_feed_of_another_service_closes_nothing() -> None:
    voice: Feeds = {"voice": (FeedClosing(D, arrived=True),)}

    assert the_service(at_mark(on_day(D), D + 1, voice)).watch == b""


@pytest.mark.parametrize("delay", range(8))
def test_a_day_is_open_as_long_as_its_feed_may_be_late(delay: int) -> None:
    consumption = on_day(D)
    for today in range(D + 1, D + delay + 1):
        consumption = at_mark(consumption, today, feed(today - 1 - delay))
        consumption = consumption.with_usage("data", "GB", D, today, 1.0)
    before = unpack(the_service(consumption).watch)
    after = unpack(the_service(at_mark(consumption, D + delay + 1, feed(D))).watch)

    assert before.totals[0] == 2.0 + delay
    assert (before.level.counted, after.level.counted) == (0, 1)
    assert after.level.mean_used == 2.0 + delay


def test_days_before_the_first_record_are_none_of_the_customers() -> None:
    consumption = on_day(D)
    for today in (D + 1, D + 2):
        consumption = at_mark(consumption, today, feed(today - 3))

    assert unpack(the_service(consumption).watch).level.counted == 0


def test_a_day_on_which_nothing_was_used_counts_as_zero_where_its_feed_arrived() -> None:
    watched = at_mark(on_day(D), D + 1, feed(D))

    arrived = at_mark(watched, D + 2, feed(D + 1))
    late = at_mark(watched, D + 2, feed(D + 1, arrived=False))

    assert unpack(the_service(arrived).watch).level.counted == 2
    assert unpack(the_service(late).watch).level.counted == 1


def test_a_record_behind_the_closing_enters_the_decayed_sums_only() -> None:
    closed = at_mark(on_day(D), D + 1, feed(D))

    late = closed.with_usage("data", "GB", D, D + 1, 100.0)

    assert the_service(late).watch == the_service(closed).watch
    assert the_service(late).total == 102.0
    assert the_service(late).used_14 == 102.0


def test_several_days_may_close_at_one_mark() -> None:
    consumption = on_day(D).with_usage("data", "GB", D + 1, D + 1, 3.0)
    both: Feeds = {"data": (FeedClosing(D, arrived=True), FeedClosing(D + 1, arrived=True))}

    after = unpack(the_service(at_mark(consumption, D + 2, both)).watch)

    assert (after.next_day, after.level.counted) == (D + 2, 2)


@pytest.mark.parametrize(("unused", "watched"), [(90, True), (91, False)])
def test_a_service_unused_for_91_days_is_let_go(unused: int, *, watched: bool) -> None:
    consumption = on_day(D)
    for day in range(D, D + unused + 1):
        consumption = at_mark(consumption, day + 1, feed(day))

    assert bool(the_service(consumption).watch) is watched
    assert (consumption.due_day is not None) is watched


def test_who_is_not_due_is_left_alone() -> None:
    consumption = on_day(D)

    assert at_mark(consumption, D, feed(D - 1)) is consumption
    assert at_mark(Consumption(), D + 1, feed(D)) == Consumption()


def test_units_of_a_service_are_watched_apart() -> None:
    both = on_day(D).with_usage("data", "piece", D, D, 7.0)

    closed = at_mark(both, D + 1, feed(D)).services

    assert [unpack(entry.watch).level.mean_used for entry in closed] == [2.0, 7.0]
