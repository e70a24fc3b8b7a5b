"""What a linear model says of a customer: log-odds, and how much of them each input contributes.

One row or many give the same bits: a batch does the same IEEE operations element by element, and
adds up the columns one by one in the order of the inputs, beginning with the intercept. So no sum
is left to a linear algebra library, which adds in an order of its own.
"""

import math
from collections.abc import Sequence

import numpy as np

from domain.learning.standardisation import Floats, Standardisation
from events.models import LinearScorer


class Scorer:
    """A linear model made ready for scoring. Made once a model; it never changes.

    A row has a value for each of ``linear.inputs``, in their order. Raises ``ValueError`` for a row
    of another length.
    """

    __slots__ = ("_standardisation", "_weights", "linear")

    def __init__(self, linear: LinearScorer) -> None:
        self.linear = linear
        self._standardisation = Standardisation(linear.means, linear.scales, linear.clip)
        self._weights = np.array(linear.weights, dtype=np.float64)

    def contributions(self, row: Sequence[float]) -> tuple[float, ...]:
        """Return what each input adds to the log-odds, in the order of the inputs."""
        inputs = zip(self._standardisation.of_row(row), self.linear.weights, strict=True)
        return tuple(value * weight for value, weight in inputs)

    def log_odds(self, row: Sequence[float]) -> float:
        """Return the intercept plus all contributions, added up in their order."""
        return self._standardisation.summed(row, self.linear.weights, self.linear.intercept)

    def contributions_of_rows(self, rows: Floats) -> Floats:
        """Return (n, k) contributions of (n, k) values. Raises ``ValueError`` for another shape."""
        contributions = self._standardisation.of_rows(rows)
        contributions *= self._weights
        return contributions

    def log_odds_of_rows(self, rows: Floats) -> Floats:
        """Return (n,) log-odds of (n, k) values. Raises ``ValueError`` for another shape."""
        totals = np.full(len(rows), self.linear.intercept)
        for column in self.contributions_of_rows(rows).T:
            totals += column
        return totals


def probability(log_odds: float) -> float:
    """Return 1 / (1 + e^-x) without ever overflowing.

    >>> probability(0.0), probability(-1e4), probability(1e4)
    (0.5, 0.0, 1.0)
    """
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    grown = math.exp(log_odds)
    return grown / (1.0 + grown)


def log_loss(log_odds: float, *, churned: bool) -> float:
    """Return -ln of the probability that was given to what happened, in nats.

    ln(1 + e^-x) for who churned, ln(1 + e^x) else; a verdict of any size stays finite.

    >>> round(log_loss(0.0, churned=True), 4), log_loss(1e4, churned=False)
    (0.6931, 10000.0)
    """
    against = -log_odds if churned else log_odds
    return max(against, 0.0) + math.log1p(math.exp(-abs(against)))
