"""Labelled scores: what was said of customers in time, and what became of them."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from events.signals import ValueSegment

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

DAYS_A_TICK = 7

SEGMENTS: tuple[ValueSegment | None, ...] = (*ValueSegment, None)
"""None are customers who were snapshot before the segments were cut for the first time."""


class LabelledScores(msgspec.Struct, frozen=True, eq=False):
    """Snapshots whose label is known, one a place of every array.

    They stand in the order of day and customer id, by which equal scores are told apart. ``day`` is
    counted from day 0 of the log, whose day number is ``first_day``. ``recency`` and ``usual_gap``
    are in days, the gap NaN after a customer's first purchase; ``stake`` and ``spent_182`` in minor
    units. ``segment`` and ``model`` are places in `SEGMENTS` and ``models``.
    """

    first_day: int
    models: tuple[str, ...]
    day: Integers
    active: Flags
    log_odds: Floats
    churned: Flags
    stake: Floats
    spent_182: Floats
    recency: Integers
    usual_gap: Floats
    purchase_days_182: Floats
    segment: Integers
    model: Integers

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.day)

    @property
    def tick(self) -> Integers:
        """Return the week since day 0, by which the areas under the curve are taken."""
        return self.day // DAYS_A_TICK

    @property
    def probability(self) -> Floats:
        """Return 1 / (1 + e^-log-odds), computed so that nothing overflows."""
        return np.exp(-np.logaddexp(0.0, -self.log_odds))

    @property
    def recency_over_gap(self) -> Floats:
        """Return the silence in usual gaps; without a gap yet, in days."""
        return self.recency / np.where(np.isnan(self.usual_gap), 1.0, self.usual_gap)

    def where(self, which: Flags) -> "LabelledScores":
        """Return those that are marked, in their order."""
        return LabelledScores(
            first_day=self.first_day,
            models=self.models,
            day=self.day[which],
            active=self.active[which],
            log_odds=self.log_odds[which],
            churned=self.churned[which],
            stake=self.stake[which],
            spent_182=self.spent_182[which],
            recency=self.recency[which],
            usual_gap=self.usual_gap[which],
            purchase_days_182=self.purchase_days_182[which],
            segment=self.segment[which],
            model=self.model[which],
        )
