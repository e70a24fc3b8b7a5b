"""The metered part of the golden history: half a year of a service with a feed that is a day late.

Its totals follow a weekday pattern with a little unrest; then nothing, six times as much, half as much
for weeks and three times as much: every anomaly is raised and ends, and two feeds never come.
"""

import msgspec

from domain.customer.feeds import FeedClosing, Feeds
from events.usage import UsageRecorded
from events.values import CustomerRef, Quantity

SERVICE, UNIT = "metered", "min"
DELAY_DAYS = 1
MISSING_DAYS = frozenset({77, 118})
_WEEK = (10.0, 11.0, 9.0, 10.5, 12.0, 6.0, 5.0)
_UNREST = (1.0, 1.15, 0.9, 1.05, 0.85, 1.1, 0.95, 1.2, 0.8, 1.0, 1.1)


def golden_use(customer: CustomerRef) -> list[tuple[int, int, msgspec.Struct]]:
    """Return (day, day of arrival, record) of every day on which the service was used."""
    return [
        (day, day + day % 2 * DELAY_DAYS, _used(customer, day))
        for day in range(199)
        if day not in MISSING_DAYS | {100}
    ]


def golden_feeds(today: int) -> Feeds:
    """Return what the mark that opens ``today`` says of the service's feed."""
    day = today - 1 - DELAY_DAYS
    return {SERVICE: (FeedClosing(day, day not in MISSING_DAYS),)}


def _used(customer: CustomerRef, day: int) -> UsageRecorded:
    total = _WEEK[day % 7] * _UNREST[day % 11]
    if day == 110:
        total *= 6.0
    elif day >= 170:
        total *= 1.5
    elif day >= 130:
        total *= 0.5
    return UsageRecorded(customer, SERVICE, Quantity(total, UNIT))
