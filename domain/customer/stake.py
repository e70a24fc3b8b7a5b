"""What is at stake with a customer: the spend to be expected over the next 91 days.

It is gross: what comes back is not taken off. Measured on a sales history, the tenth of customers
with most at risk holds less of the spend that is lost afterwards where returns are netted, mostly
for single large orders that were sent back.
"""

from typing import NamedTuple

from domain.customer.purchases import Purchases
from domain.decay import DECAY_91, DECAY_182

QUARTER, HALF_YEAR = DECAY_91, DECAY_182
"""By which half-lives the spend of lately is told from that of longer ago."""

HORIZON_DAYS = 91
"""A quarter of thirteen weeks, the time over which a customer who does not buy counts as lost."""

PRIOR_DAYS = 28
"""Added to the days observed, so that one order of a newcomer is not taken for a daily habit.

Fewer make too much of newcomers; many more make the stake a small part of what is then really spent.
"""

LEAST_TREND, MOST_TREND = 0.5, 1.5
"""How far the trend may move what is expected: one quarter does not undo what two have shown."""


class ExpectedSpend(NamedTuple):
    """Between which sums, in minor units, the spend of the next 91 days is expected, and which one."""

    low: float
    expected: float
    high: float


def expected_spend(purchases: Purchases, today: int) -> ExpectedSpend:
    """Return the spend to be expected; nothing but 0 of who never bought.

    The last quarter's spend a day, kept between one half and one and a half of the half-year's, times
    91 days. Each is a decayed sum over the days observed, decayed likewise, and the days added.
    """
    if purchases.first_day is None:
        return ExpectedSpend(0.0, 0.0, 0.0)
    observed = today - purchases.first_day
    spent_91, spent_182 = _spent(purchases, today)
    over_91 = spent_91 / (QUARTER.steady(observed) + PRIOR_DAYS)
    over_182 = spent_182 / (HALF_YEAR.steady(observed) + PRIOR_DAYS)
    low, high = LEAST_TREND * over_182, MOST_TREND * over_182
    kept = min(max(over_91, low), high)
    return ExpectedSpend(low * HORIZON_DAYS, kept * HORIZON_DAYS, high * HORIZON_DAYS)


def stake(purchases: Purchases, today: int) -> int:
    """Return the expected spend in minor units; 0 for who never bought."""
    return round(expected_spend(purchases, today).expected)


def spend_trend(purchases: Purchases, today: int) -> float | None:
    """Return the spend a day of the last quarter over that of the last half-year; None without any.

    Both are decayed sums over the days observed, decayed likewise; no days are added, so that even
    spending is near 1 at any age. It is 1 on the first day and never passes 2.
    """
    if purchases.first_day is None:
        return None
    observed = today - purchases.first_day
    spent_91, spent_182 = _spent(purchases, today)
    if spent_182 <= 0.0 or observed == 0:
        return 1.0 if spent_182 > 0.0 else None
    return spent_91 / spent_182 * HALF_YEAR.steady(observed) / QUARTER.steady(observed)


def _spent(purchases: Purchases, today: int) -> tuple[float, float]:
    """Return what was spent in minor units, decayed with half-lives of 91 and of 182 days."""
    days = today - purchases.as_of
    return purchases.spent_91 * QUARTER.factor(days), purchases.spent_182 * HALF_YEAR.factor(days)
