"""Whom to call first: those with whom most is likely to be lost.

By probability alone the first tenth of a list holds few of the sums that are lost afterwards; by
probability times stake it holds ten times as much.
"""

from domain.learning.scoring import probability


def expected_loss(churn_log_odds: float | None, stake: int) -> float:
    """Return the spend that is likely to be lost, in minor units: probability times stake.

    ``churn_log_odds`` are those of not buying within the horizon, over which ``stake`` is expected.
    Without a score the odds are even: such customers are in the order of their stakes.

    >>> expected_loss(0.0, 5_000), expected_loss(None, 5_000)
    (2500.0, 2500.0)
    """
    return probability(churn_log_odds or 0.0) * stake
