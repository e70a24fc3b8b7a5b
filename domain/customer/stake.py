"""What is at stake with a customer: the spend to be expected over the next 91 days.

It is gross: what comes back is not taken off. Measured on a sales history, the tenth of customers
with most at risk holds less of the spend that is lost afterwards where returns are netted, mostly
for single large orders that were sent back.
"""

from domain.customer.purchases import Purchases
from domain.decay import DECAY_91, DECAY_182

QUARTER, HALF_YEAR = DECAY_91, DECAY_182
"""By which half-lives the spend of lately is told from that of longer ago."""

HORIZON_DAYS = 91
"""A quarter of thirteen weeks, the time over which a customer who does not buy counts as lost."""

PRIOR_DAYS = 28
"""Added to the days observed, so that one order of a newcomer is not taken for a daily habit."""

LEAST_TREND, MOST_TREND = 0.5, 1.5
"""How far the trend may move what is expected: one quarter does not undo what two have shown."""


def stake(purchases: Purchases, today: int) -> int:
    """Return the expected spend in minor units; 0 for who never bought.

    The half-year's spend a day times its trend, kept between one half and one and a half, times 91
    days. Which is the last quarter's spend a day, kept between those parts of the half-year's.
    """
    over_91, over_182 = spend_a_day(purchases, today)
    expected = min(max(over_91, LEAST_TREND * over_182), MOST_TREND * over_182)
    return round(expected * HORIZON_DAYS)


def spend_trend(purchases: Purchases, today: int) -> float | None:
    """Return the spend a day of the last quarter over that of the last half-year.

    None where there is none to compare with. Even spending gives a little less than 1, as the days
    added weigh more in the shorter time; it never passes 2.
    """
    over_91, over_182 = spend_a_day(purchases, today)
    return over_91 / over_182 if over_182 > 0.0 else None


def spend_a_day(purchases: Purchases, today: int) -> tuple[float, float]:
    """Return the decayed spend a day in minor units, with half-lives of 91 and of 182 days.

    A decayed sum over the days that were observed, decayed likewise, and the days added to them.
    """
    if purchases.first_day is None:
        return 0.0, 0.0
    observed = today - purchases.first_day
    left_91 = QUARTER.factor(today - purchases.as_of)
    left_182 = HALF_YEAR.factor(today - purchases.as_of)
    return (
        purchases.spent_91 * left_91 / (QUARTER.steady(observed) + PRIOR_DAYS),
        purchases.spent_182 * left_182 / (HALF_YEAR.steady(observed) + PRIOR_DAYS),
    )
