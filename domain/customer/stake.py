"""What is at stake with a customer: the spend to be expected over the next 91 days."""

from domain.customer.purchases import Purchases
from domain.decay import DECAY_182

HORIZON_DAYS = 91
PRIOR_DAYS = 7
"""Added to the days observed, so that one order of a newcomer is not taken for a daily habit."""


def stake(purchases: Purchases, today: int) -> int:
    """Return the expected spend in minor units: decayed net spend a day, times 91 days."""
    if purchases.first_day is None:
        return 0
    observed = DECAY_182.steady(today - purchases.first_day + 1) + PRIOR_DAYS
    left = DECAY_182.factor(today - purchases.as_of)
    net = max(0.0, purchases.spent_182 - purchases.returned_182) * left
    return round(net / observed * HORIZON_DAYS)
