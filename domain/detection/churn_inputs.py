"""What churn is told by: seventeen figures of a customer, as of a day.

The first ten are the recipe that was measured on sales histories; the others stand still at 0 where
a firm has no such facts, and then add nothing. T is the days since the first purchase, recency
those since the last, x the purchase days after the first. Every figure is rounded to six decimals,
so that another machine's logarithm scores by the same ones.
"""

import math
from collections.abc import Sequence

from domain.customer.complaints import Complaints
from domain.customer.contacts import Contacts
from domain.customer.purchases import Purchases
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.decay import DECAY_14, DECAY_91, DECAY_182, TABLE_DAYS
from domain.detection.buying_again import log_odds_of_buying
from domain.detection.churn_recipe import HORIZON_DAYS, Inputs

DECIMALS = 6
_UNITS = 10.0**DECIMALS
_NEAR_A_TIE = 0.4999
_TO_WHOLE = 1.5 * 2.0**52
"""Added to and taken from a number below 2^51, it leaves the whole number nearest to it."""

RATE_PRIOR_DAYS = 7
"""Added to the days observed, so that one order of a newcomer is not taken for a daily habit."""

DAYS_A_MONTH = 30
USE_FLOOR = 0.05
"""Use counts as no less than this part of the usual: a service that stopped is no infinity."""


_USUAL_DAYS = (1.0, *(DECAY_91.steady(age) / DECAY_14.steady(age) for age in range(1, TABLE_DAYS)))
"""How many more days, decayed, the usual use of a service is counted over than its recent one."""


def inputs_of(state: CustomerState, today: int) -> Inputs:
    """Return the figures in the order of `INPUTS`. Raises ``ValueError`` for who never bought."""
    figures = (
        *_of_purchases(state.purchases, today),
        *_of_usage(state.consumption.services, today),
        *_of_complaints(state.complaints, today),
        *_of_contacts(state.contacts, today),
    )
    return rounded(figures)


def rounded(figures: Sequence[float]) -> Inputs:
    """Return figures as ``round(figure, 6)`` gives them, to the last bit, at half its price.

    ``round`` goes by way of decimal digits. A whole number of millionths divided by a million is the
    float nearest to that decimal, too, so it is all the same wherever there is no doubt which whole
    number is meant. Figures are logarithms and shares, far below 2^51 millionths; 0.0 for any zero.

    >>> rounded((0.1234565000001, -0.0, 2.5e-7))
    (0.123457, 0.0, 0.0)
    """
    return tuple(
        [
            whole / _UNITS
            if (whole := ((units := figure * _UNITS) + _TO_WHOLE) - _TO_WHOLE)
            and -_NEAR_A_TIE < units - whole < _NEAR_A_TIE
            else (round(figure, DECIMALS) if figure else 0.0)
            for figure in figures
        ]
    )


def _of_purchases(purchases: Purchases, today: int) -> tuple[float, ...]:
    first, last = purchases.span()
    since, age = today - purchases.as_of, today - first
    left_91, left_182 = DECAY_91.factor(since), DECAY_182.factor(since)
    returned, kept = purchases.returned_182 * left_182, purchases.spent_182 * left_182
    orders_a_day = purchases.orders_91 * left_91 / (DECAY_91.steady(age) + RATE_PRIOR_DAYS)
    single = purchases.days == 1
    return (
        math.log1p(purchases.days_182 * left_182),
        math.log1p(today - last),
        math.log1p(purchases.last_amount),
        math.log1p(purchases.spent_91 * left_91),
        math.log1p(purchases.returns_182 * left_182),
        float(single),
        returned / (returned + kept) if returned > 0.0 else 0.0,
        0.0 if single else purchases.gaps.mean_log,
        math.log1p(DAYS_A_MONTH * orders_a_day),
        log_odds_of_buying(age, last - first, purchases.days - 1, HORIZON_DAYS),
    )


def _of_usage(services: tuple[ServiceUsage, ...], today: int) -> tuple[float, float]:
    """Return how the use of the last two weeks compares with that of the quarter, and its recency.

    ln of recent over usual daily use, the mean over the services, with the floor added.
    """
    if not services:
        return 0.0, 0.0
    shares = sum([_recent_share(entry, today) for entry in services]) / len(services)
    since = today - max([entry.last_day for entry in services])
    return math.log((shares + USE_FLOOR) / (1.0 + USE_FLOOR)), math.log1p(since)


def recent_share(usage_trend: float) -> float:
    """Return recent over usual use, without the floor, of the input that was made of it."""
    return max(0.0, math.exp(usage_trend) * (1.0 + USE_FLOOR) - USE_FLOOR)


def _recent_share(entry: ServiceUsage, today: int) -> float:
    """Return recent over usual daily use of a service; as usual where nothing is left of either."""
    since, age = today - entry.last_day, today - entry.first_day + RATE_PRIOR_DAYS
    usual = entry.used_91 * DECAY_91.factor(since)
    if usual <= 0.0:
        return 1.0
    scale = _USUAL_DAYS[age] if age < TABLE_DAYS else _USUAL_DAYS[-1]
    return entry.used_14 * DECAY_14.factor(since) / usual * scale


def _of_complaints(complaints: Complaints, today: int) -> tuple[float, float, float]:
    if not (complaints.opened or complaints.resolved or complaints.reopened):
        return 0.0, 0.0, 0.0
    left = 0.0 if complaints.last_day is None else DECAY_91.factor(today - complaints.last_day)
    return (
        math.log1p(complaints.severity_91 * left),
        math.log1p(complaints.known.open_count()),
        math.log1p(complaints.unsatisfied),
    )


def _of_contacts(contacts: Contacts, today: int) -> tuple[float, float]:
    if contacts.last_day is None:
        return 0.0, 0.0
    left = DECAY_91.factor(today - contacts.last_day)
    return math.log1p(contacts.inbound_91 * left), math.log1p(contacts.outbound_91 * left)
