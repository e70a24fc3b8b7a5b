"""A customer's metered life under the real detector: what is raised on which day."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bench.made_metering import Anomaly, Made, Totals
from domain.customer.anomalies import anomalies
from domain.customer.feeds import FeedClosing, at_mark
from domain.customer.usage import Consumption
from domain.detection.metering import WARM_UP_DAYS, Surprise

SERVICE, UNIT = "mobile-data", "GB"
FOUND_WITHIN_DAYS = 21
DOWN = frozenset({Surprise.DROP, Surprise.SHIFT_DOWN})
EXPECTED = {
    Anomaly.HALVED: DOWN,
    Anomaly.DOWN_30: DOWN,
    Anomaly.OUTAGE: DOWN,
    Anomaly.SPIKE: frozenset({Surprise.SPIKE}),
}


class Raised(NamedTuple):
    """A signal, and the day whose total raised it."""

    day: int
    surprise: Surprise


def lived(totals: Sequence[float], late: frozenset[int] = frozenset()) -> list[Raised]:
    """Return what is raised of a customer; the feed of ``late`` days comes a day after closing."""
    consumption, raised, stood = Consumption(), list[Raised](), ()
    for day, total in enumerate(totals):
        if total > 0.0 and day not in late:
            consumption = consumption.with_usage(SERVICE, UNIT, day, day, total)
        feeds = {SERVICE: (FeedClosing(day, day not in late),)}
        consumption = at_mark(consumption, day + 1, feeds)
        if day in late:
            consumption = consumption.with_usage(SERVICE, UNIT, day, day + 1, total)
        stand = tuple(entry.anomaly for entry in anomalies(consumption))
        raised += [Raised(day, entry.surprise) for entry in stand if entry not in stood]
        stood = stand
    return raised


def all_lived(totals: Totals, late: frozenset[int] = frozenset()) -> list[list[Raised]]:
    """Return the same of every customer."""
    return [lived(row.tolist(), late) for row in totals]


def a_customer_year(raised: Sequence[Sequence[Raised]], days: int) -> float:
    """Return signals a customer and year, of the days on which there could be any."""
    years = len(raised) * (days - WARM_UP_DAYS) / 365.0
    return sum(map(len, raised)) / years


def before_anomaly(made: Made, raised: Sequence[Sequence[Raised]]) -> float:
    """Return signals a customer-year of the days before anything was done to the customers."""
    early = [
        entry
        for entries, day in zip(raised, made.days, strict=True)
        for entry in entries
        if entry.day < day
    ]
    return len(early) / (sum(day - WARM_UP_DAYS for day in made.days) / 365.0)


def found(
    made: Made, raised: Sequence[Sequence[Raised]], kind: Anomaly
) -> tuple[float, float | None]:
    """Return the part of these anomalies that was found within 21 days, and the median days until.

    Day 1 is the day from which on it was done.
    """
    after: list[int] = []
    count = 0
    for entries, this, day in zip(raised, made.anomalies or (), made.days, strict=True):
        if this is not kind:
            continue
        count += 1
        hits = [
            entry.day - day + 1
            for entry in entries
            if 0 <= entry.day - day < FOUND_WITHIN_DAYS and entry.surprise in EXPECTED[kind]
        ]
        after += hits[:1]
    return len(after) / count, float(np.median(after)) if after else None
