"""When something happened decides whether the door lets it in: the future, lateness, clocks, DST."""

import datetime

import pytest

from events.calendar import day_number
from events.control import ClockMode
from infra.log.head import LogHead
from infra.log.records import NewFact
from services.ingest.door import EARLIEST, Door, Now, Refusal, RefusalReason
from tests.unit.ingest.door_given import LONDON, ORDER, REGISTERED, USAGE, at, event, head

DOOR = Door(LONDON)
NOON = at("2026-03-14T12:00:00+00:00")


def admitted_at(time: str, log_head: LogHead, wall: int = NOON) -> NewFact | Refusal:
    return DOOR.admit(event(time=time), DOOR.now(log_head, wall))


def refused_at(time: str, log_head: LogHead, wall: int = NOON) -> Refusal:
    refusal = admitted_at(time, log_head, wall)
    assert isinstance(refusal, Refusal)
    return refusal


def day_of(fact: NewFact | Refusal) -> datetime.date:
    assert isinstance(fact, NewFact)
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=fact.day)


def test_an_event_of_this_moment_is_let_in() -> None:
    assert day_of(admitted_at("2026-03-14T12:00:00+00:00", head())) == datetime.date(2026, 3, 14)


def test_a_sender_whose_clock_runs_a_minute_ahead_is_let_in() -> None:
    assert isinstance(admitted_at("2026-03-14T12:01:00+00:00", head()), NewFact)


def test_a_microsecond_more_than_a_minute_ahead_is_the_future() -> None:
    refusal = refused_at("2026-03-14T12:01:00.000001+00:00", head())

    assert refusal == Refusal(
        RefusalReason.FUTURE,
        "$.time",
        "2026-03-14T12:01:00.000001+00:00 has not come: now is 2026-03-14T12:01:00+00:00",
        "check the sender's clock; on a log whose clock stands, `holdfast clock advance --to DAY`",
    )


@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:59:59+00:00",
        "9999-12-31T23:59:59-14:00",
        "2027-03-14T12:00:00+00:00",
        "2026-03-14T12:00:00-01:00",
    ],
)
def test_the_future_is_refused_however_far_it_lies(time: str) -> None:
    assert refused_at(time, head()).reason is RefusalReason.FUTURE


@pytest.mark.parametrize(
    "time",
    ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59.999999+00:00"],
)
def test_a_time_before_1900_is_a_mistake(time: str) -> None:
    refusal = refused_at(time, head())

    assert refusal.reason is RefusalReason.TOO_OLD
    assert refusal.detail == f"{time} lies before 1900"


def test_master_data_of_1900_is_let_in() -> None:
    registration = event("crm.customer.registered.v1", REGISTERED, time="1900-01-01T00:00:00+00:00")

    fact = DOOR.admit(registration, DOOR.now(head(), NOON))

    assert day_of(fact) == datetime.date(1900, 1, 1)


def test_behaviour_of_91_days_ago_is_let_in() -> None:
    assert day_of(admitted_at("2025-12-13T00:00:00+00:00", head())) == datetime.date(2025, 12, 13)


def test_behaviour_of_92_days_ago_is_too_late() -> None:
    refusal = refused_at("2025-12-12T23:59:59.999999+00:00", head())

    assert refusal == Refusal(
        RefusalReason.TOO_LATE,
        "$.time",
        "92 days before the open day 2026-03-14; the limit is 91",
        "history goes into a new log by `holdfast import`",
    )


@pytest.mark.parametrize(
    "type_name",
    ["crm.order.placed.v1", "crm.order.returned.v1", "crm.usage.recorded.v1"],
)
def test_lateness_is_a_matter_of_behaviour(type_name: str) -> None:
    bodies = {
        "crm.order.placed.v1": ORDER,
        "crm.order.returned.v1": ORDER.replace(b"order_id", b"return_id"),
        "crm.usage.recorded.v1": USAGE,
    }
    late = event(type_name, bodies[type_name], time="2025-12-12T12:00:00+00:00")

    refusal = DOOR.admit(late, DOOR.now(head(), NOON))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is RefusalReason.TOO_LATE


@pytest.mark.parametrize(
    ("type_name", "data"),
    [
        ("crm.customer.registered.v1", REGISTERED),
        (
            "crm.account.assigned.v1",
            b'{"customer":{"system":"crm","key":"1"},"root_account":"A-1","owner":"am-7"}',
        ),
    ],
)
def test_master_data_is_let_in_however_old(type_name: str, data: bytes) -> None:
    old = event(type_name, data, time="1987-06-05T04:03:02+00:00")

    assert day_of(DOOR.admit(old, DOOR.now(head(), NOON))) == datetime.date(1987, 6, 5)


def test_lateness_counts_from_the_open_day_and_not_from_the_wall() -> None:
    behind = head(open_day=day_number(datetime.date(2026, 1, 1)))

    assert isinstance(admitted_at("2025-10-02T12:00:00+01:00", behind), NewFact)
    assert refused_at("2025-10-01T12:00:00+01:00", behind).reason is RefusalReason.TOO_LATE


def test_nothing_is_late_before_the_first_day_is_opened() -> None:
    assert isinstance(admitted_at("2011-01-26T12:00:00+00:00", head(open_day=None)), NewFact)


def test_a_standing_clock_stands_at_the_end_of_the_open_day() -> None:
    log_clock = head(ClockMode.LOG)

    assert isinstance(admitted_at("2026-03-14T23:59:59.999999+00:00", log_clock), NewFact)
    refusal = refused_at("2026-03-15T00:00:00+00:00", log_clock)

    assert refusal.reason is RefusalReason.FUTURE
    assert refusal.detail == (
        "2026-03-15T00:00:00+00:00 has not come: now is 2026-03-14T23:59:59.999999+00:00"
    )


def test_a_standing_clock_does_not_ask_the_wall() -> None:
    log_clock = head(ClockMode.LOG)

    assert DOOR.now(log_clock, at("2031-01-01T00:00:00+00:00")) == DOOR.now(log_clock, 0)


def test_a_standing_clock_without_an_open_day_lets_nothing_of_any_time_in() -> None:
    created = head(ClockMode.LOG, open_day=None)

    assert DOOR.now(created, NOON) == Now(EARLIEST, None)
    assert refused_at("2026-03-14T12:00:00+00:00", created).detail == (
        "2026-03-14T12:00:00+00:00 has not come: no day is open yet"
    )


@pytest.mark.parametrize(
    ("time", "date"),
    [
        ("2026-03-28T23:59:59.999999+00:00", datetime.date(2026, 3, 28)),
        ("2026-03-29T00:00:00+00:00", datetime.date(2026, 3, 29)),
        ("2026-03-29T22:59:59.999999+00:00", datetime.date(2026, 3, 29)),
        ("2026-03-29T23:00:00+00:00", datetime.date(2026, 3, 30)),
        ("2026-10-24T23:00:00+00:00", datetime.date(2026, 10, 25)),
        ("2026-10-25T23:59:59.999999+00:00", datetime.date(2026, 10, 25)),
        ("2026-10-26T00:00:00+00:00", datetime.date(2026, 10, 26)),
    ],
)
def test_a_fact_is_stamped_with_the_business_day_even_when_clocks_change(
    time: str, date: datetime.date
) -> None:
    fact = admitted_at(time, head(open_day=None), at("2026-12-01T00:00:00+00:00"))

    assert day_of(fact) == date


@pytest.mark.parametrize(
    ("day", "last_moment"),
    [
        (datetime.date(2026, 3, 29), "2026-03-29T22:59:59.999999+00:00"),
        (datetime.date(2026, 10, 25), "2026-10-25T23:59:59.999999+00:00"),
    ],
)
def test_a_standing_clock_knows_the_days_of_23_and_of_25_hours(
    day: datetime.date, last_moment: str
) -> None:
    assert DOOR.now(head(ClockMode.LOG, day_number(day)), 0).instant == at(last_moment)


def test_the_offset_of_a_time_does_not_move_its_day() -> None:
    assert day_of(admitted_at("2026-03-14T05:30:00+13:00", head())) == datetime.date(2026, 3, 13)
