"""A customer's life with the firm: the stage it is in, and what that is told by.

The first that holds, on a day:

* **gone**: no purchase for more than 182 days, two horizons;
* **dormant**: none for more than 91;
* **new**: the first purchase lies no more than 91 days back;
* **growing**, **declining**: the spend a day of the last quarter is more than a tenth above, or
  below, that of the last half-year (`domain/customer/stake.py`, both decayed);
* **steady**: everybody else.
"""

from domain.customer.purchases import Purchases
from domain.customer.stake import spend_trend
from events.profiles import LifeCycle, LifeStage
from events.signals import ValueSegment

NEW_DAYS = 91
DORMANT_AFTER_DAYS = 91
"""The horizon of churn: who has not bought for longer is not active."""

GONE_AFTER_DAYS = 182
GROWING_ABOVE, DECLINING_BELOW = 0.1, -0.1
"""By the trend. Spend that doubles for a quarter after an even year shows as +0.10, spend that halves
as -0.10; both sums hold the quarter, so that the trend is small by nature.
"""

LEAST_PURCHASE_DAYS = 3
"""A rise that is told from fewer days is a single order."""

LIVELY_DAYS = 28
"""A newcomer rises only while its last purchase is no further back."""


def life_cycle(purchases: Purchases, segment: ValueSegment | None, today: int) -> LifeCycle | None:
    """Return the stage of a customer on ``today`` with its trend; None for who never bought.

    ``segment`` is the customer's value segment, None where it has none yet.
    """
    if purchases.first_day is None or purchases.last_day is None:
        return None
    age, silent = today - purchases.first_day, today - purchases.last_day
    ratio = spend_trend(purchases, today)
    trend = None if ratio is None else ratio - 1.0
    stage = _stage(age, silent, trend)
    rises = purchases.days >= LEAST_PURCHASE_DAYS and _rises(stage, silent)
    return LifeCycle(
        stage=stage,
        trend=trend,
        days_since_order=silent,
        potential_high_value=rises and segment in {ValueSegment.LOW, ValueSegment.MEDIUM},
    )


def _stage(age: int, silent: int, trend: float | None) -> LifeStage:
    if silent > DORMANT_AFTER_DAYS:
        return LifeStage.GONE if silent > GONE_AFTER_DAYS else LifeStage.DORMANT
    if age <= NEW_DAYS:
        return LifeStage.NEW
    if trend is not None and trend > GROWING_ABOVE:
        return LifeStage.GROWING
    if trend is not None and trend < DECLINING_BELOW:
        return LifeStage.DECLINING
    return LifeStage.STEADY


def _rises(stage: LifeStage, silent: int) -> bool:
    """Tell whether a customer's stage speaks for more to come."""
    return stage is LifeStage.GROWING or (stage is LifeStage.NEW and silent <= LIVELY_DAYS)
