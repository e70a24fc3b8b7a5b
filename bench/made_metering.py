"""Made-up metering: daily totals of one service for many customers, and what is done to some of them.

A customer's totals are exp(level + weekday + noise): the level normal with spread 1, the seven parts of
the weekday normal with spread 0.3 and mean 0, the noise with log spread 0.25. Plain noise is
independent and normal. Hard noise is Student's t with 5 degrees of freedom, correlated by 0.3 from day
to day, on a level that wanders by 0.02 a day.
"""

from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

NOISE = 0.25
WEEKDAYS = 0.3
HARD_CORRELATION = 0.3
HARD_TAIL = 5
HARD_WANDER = 0.02

Totals = NDArray[np.float64]
"""Customers × days."""


class Anomaly(StrEnum):
    """What is done to a customer from its day on."""

    HALVED = "lasting -50 %"
    DOWN_30 = "lasting -30 %"
    OUTAGE = "outage of 3 days"
    SPIKE = "spike of six times as much"


class Made(msgspec.Struct, frozen=True):
    """Totals, and for each customer what was done to it and since when; None for nobody."""

    totals: Totals
    anomalies: tuple[Anomaly, ...] | None = None
    days: tuple[int, ...] = ()


def ordinary(customers: int, days: int, seed: int, *, hard: bool = False) -> Made:
    """Return customers to whom nothing happens."""
    random = np.random.default_rng(seed)
    level = random.normal(0.0, 1.0, (customers, 1))
    weekday = random.normal(0.0, WEEKDAYS, (customers, 7))
    weekday -= weekday.mean(axis=1, keepdims=True)
    logs = level + weekday[:, np.arange(days) % 7]
    logs += NOISE * (
        _hard_noise(random, customers, days) if hard else random.normal(size=logs.shape)
    )
    if hard:
        logs += np.cumsum(random.normal(0.0, HARD_WANDER, logs.shape), axis=1)
    return Made(np.exp(logs))


def with_anomalies(made: Made, seed: int) -> Made:
    """Return the customers with one anomaly each, the kinds in turn, between day 150 and the last month."""
    random = np.random.default_rng(seed)
    totals = made.totals.copy()
    customers, length = totals.shape
    kinds = tuple(list(Anomaly)[number % len(Anomaly)] for number in range(customers))
    days = tuple(int(day) for day in random.integers(150, length - 30, customers))
    for row, kind, day in zip(totals, kinds, days, strict=True):
        match kind:
            case Anomaly.HALVED:
                row[day:] *= 0.5
            case Anomaly.DOWN_30:
                row[day:] *= 0.7
            case Anomaly.OUTAGE:
                row[day : day + 3] = 0.0
            case Anomaly.SPIKE:
                row[day] *= 6.0
    return Made(totals, kinds, days)


def _hard_noise(random: np.random.Generator, customers: int, days: int) -> Totals:
    """Return correlated noise with long tails, of mean 0 and spread 1."""
    noise: Totals = random.standard_t(HARD_TAIL, (customers, days))
    noise /= np.sqrt(HARD_TAIL / (HARD_TAIL - 2))
    for day in range(1, days):
        fresh = np.sqrt(1.0 - HARD_CORRELATION**2) * noise[:, day]
        noise[:, day] = HARD_CORRELATION * noise[:, day - 1] + fresh
    return noise
