"""How well dense metering works, on a small made-up population that is the same every time."""

import pytest

from bench.made_metering import Anomaly, Made, ordinary, with_anomalies
from bench.metered_life import (
    Raised,
    a_customer_year,
    all_lived,
    before_anomaly,
    found,
    lived,
)
from domain.detection.metering import Surprise

CUSTOMERS, DAYS = 120, 400
PLAIN, HARD = ordinary(CUSTOMERS, DAYS, 7), ordinary(CUSTOMERS, DAYS, 7, hard=True)
HARMED = with_anomalies(PLAIN, 8)


@pytest.fixture(scope="module")
def raised() -> list[list[Raised]]:
    """What is raised of customers to each of whom one thing is done."""
    return all_lived(HARMED.totals)


def test_at_most_one_false_alarm_a_customer_and_year() -> None:
    assert a_customer_year(all_lived(PLAIN.totals), DAYS) <= 0.1
    assert a_customer_year(all_lived(HARD.totals), DAYS) <= 1.2, "wandering, correlated, long tails"


def test_nor_before_something_is_done_to_a_customer(raised: list[list[Raised]]) -> None:
    assert before_anomaly(HARMED, raised) <= 0.1


@pytest.mark.parametrize(
    ("kind", "recall", "days"),
    [
        (Anomaly.HALVED, 0.95, 8),
        (Anomaly.DOWN_30, 0.45, 15),
        (Anomaly.OUTAGE, 0.95, 1),
        (Anomaly.SPIKE, 0.9, 1),
    ],
)
def test_what_is_done_is_found_within_three_weeks(
    raised: list[list[Raised]], kind: Anomaly, recall: float, days: int
) -> None:
    part, median = found(HARMED, raised, kind)

    assert part >= recall
    assert median is not None
    assert median <= days


def test_a_lasting_fall_is_told_from_an_outage(raised: list[list[Raised]]) -> None:
    told = {
        kind: {
            entry.surprise
            for entries, this, day in zip(raised, HARMED.anomalies or (), HARMED.days, strict=True)
            for entry in entries
            if this is kind and 0 <= entry.day - day < 21
        }
        for kind in (Anomaly.HALVED, Anomaly.OUTAGE)
    }

    assert Surprise.SHIFT_DOWN in told[Anomaly.HALVED]
    assert told[Anomaly.OUTAGE] == {Surprise.DROP}


def test_a_feed_that_is_a_day_late_raises_nobody() -> None:
    late = frozenset({120, 121, 200, 290, 350})

    assert [entry for entries in all_lived(PLAIN.totals, late) for entry in entries] == []


def test_the_population_is_the_same_every_time() -> None:
    assert (ordinary(CUSTOMERS, DAYS, 7).totals == PLAIN.totals).all()
    assert with_anomalies(PLAIN, 8).days == HARMED.days
    assert with_anomalies(PLAIN, 9).days != HARMED.days


def test_anomalies_are_done_from_their_day_on_and_to_nothing_before() -> None:
    for row, base, day in zip(HARMED.totals, PLAIN.totals, HARMED.days, strict=True):
        assert (row[:day] == base[:day]).all()
        assert row[day] != base[day]


def test_a_life_without_use_says_nothing() -> None:
    assert lived([0.0] * 100) == []
    assert found(Made(PLAIN.totals[:1], (Anomaly.SPIKE,), (200,)), [[]], Anomaly.SPIKE) == (
        0.0,
        None,
    )
