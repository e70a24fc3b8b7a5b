"""Labelled scores for tests: a few literal ones, and snapshots as they stand in the log."""

import datetime
from collections.abc import Sequence

import numpy as np

from domain.learning.quality.labelled import SEGMENTS, LabelledScores
from events.calendar import date_of
from events.signals import ValueSegment
from events.snapshots import SnapshotTaken
from events.values import CustomerId

FIRST_DAY = 15_000
"""The 26th of January 2011."""

SCORES = np.array([(-1) ** n * ((n * 7) % 11) / 4 for n in range(24)])
CHURNED = np.array([(n * 5) % 7 < 3 for n in range(24)])
RECENCY = np.array([5 + (n * 13) % 97 for n in range(24)])


def scores(log_odds: Sequence[float], churned: Sequence[bool], tick: int = 4) -> LabelledScores:
    """Labels of one week of customers who are alike but for their scores."""
    count = len(log_odds)
    return LabelledScores(
        first_day=FIRST_DAY,
        models=("m1",),
        day=np.full(count, tick * 7),
        active=np.ones(count, dtype=np.bool_),
        log_odds=np.array(log_odds, dtype=np.float64),
        churned=np.array(churned, dtype=np.bool_),
        stake=np.full(count, 100.0),
        spent_182=np.full(count, 100.0),
        recency=np.full(count, 10),
        usual_gap=np.full(count, 5.0),
        purchase_days_182=np.ones(count),
        segment=np.full(count, SEGMENTS.index(None)),
        model=np.zeros(count, dtype=np.int64),
    )


def literal() -> LabelledScores:
    """Twenty-four labels of three weeks, every fourth customer without a usual gap."""
    return LabelledScores(
        first_day=FIRST_DAY,
        models=("m1", "m2"),
        day=np.array([28 + (n // 8) * 7 + n % 3 for n in range(24)]),
        active=RECENCY <= 91,
        log_odds=SCORES,
        churned=CHURNED,
        stake=np.array([100.0 * ((n * 11) % 23) for n in range(24)]),
        spent_182=np.array([250.0 * ((n * 17) % 19) for n in range(24)]),
        recency=RECENCY,
        usual_gap=np.array([np.nan if n % 4 == 0 else 3.0 + (n * 5) % 17 for n in range(24)]),
        purchase_days_182=np.array([1 + (n * 3) % 8 / 2 for n in range(24)]),
        segment=np.array([n % len(SEGMENTS) for n in range(24)]),
        model=np.array([n // 16 for n in range(24)]),
    )


def taken(
    customer: str,
    day: int,
    last_day: int,
    log_odds: float = 0.0,
    model: str = "m1",
    segment: ValueSegment | None = None,
) -> SnapshotTaken:
    """A snapshot; both days are counted from `FIRST_DAY`."""
    return SnapshotTaken(
        customer_id=CustomerId(customer),
        day=dated(day),
        model=model,
        inputs=(),
        log_odds=log_odds,
        last_day=dated(last_day),
        active=day - last_day <= 91,
        usual_gap=12.5,
        purchase_days_182=2.5,
        spent_182=20_000.0,
        stake=10_000,
        volume=2.0,
        segment=segment,
    )


def dated(day: int) -> datetime.date:
    """The date of a day counted from `FIRST_DAY`."""
    return date_of(FIRST_DAY + day)
