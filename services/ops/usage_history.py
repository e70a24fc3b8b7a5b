"""What a customer used of each metered service day by day, beside what was usual on each."""

import datetime
from collections import defaultdict
from collections.abc import Mapping

import msgspec

from events.calendar import date_of, day_number
from events.catalogue import REGISTRY
from events.figures import ConsumptionFigures
from events.profiles import UsualUse
from events.signals import AnomalyRaised, SignalReason
from events.usage import UsageRecorded
from services.ops.customer_past import CustomerPast

DAYS_SHOWN = 91

Service = tuple[str, str]
"""A service's code and its unit."""


class UsageDay(msgspec.Struct, frozen=True):
    """One day's total; ``usual`` is null while it is not known, ``anomaly`` what was raised of it."""

    day: datetime.date
    total: float
    usual: UsualUse | None
    anomaly: SignalReason | None


class UsageHistory(msgspec.Struct, frozen=True):
    """The last days of a service, oldest first, from the first one with use on."""

    service: str
    unit: str
    days: tuple[UsageDay, ...]


def usage_histories(past: CustomerPast) -> tuple[UsageHistory, ...]:
    """Return each service that was used in the last quarter, the most recently used one first."""
    totals = _totals(past)
    usual, anomalies = _usual(past), _anomalies(past)
    first = past.today - DAYS_SHOWN + 1
    used = [service for service, days in totals.items() if max(days) >= first]
    return tuple(
        UsageHistory(
            *service,
            tuple(
                UsageDay(
                    date_of(day),
                    totals[service].get(day, 0.0),
                    usual.get((service, day)),
                    anomalies.get((service, day)),
                )
                for day in range(max(first, min(totals[service])), past.today + 1)
            ),
        )
        for service in sorted(used, key=lambda service: (-max(totals[service]), service))
    )


def _totals(past: CustomerPast) -> Mapping[Service, Mapping[int, float]]:
    totals: dict[Service, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for fact in past.facts:
        event = REGISTRY.decode(fact.type, fact.data)
        if isinstance(event, UsageRecorded) and fact.day is not None:
            totals[event.service, event.quantity.unit][fact.day] += event.quantity.value
    return totals


def _usual(past: CustomerPast) -> Mapping[tuple[Service, int], UsualUse]:
    return {
        ((entry.service, entry.unit), met.day): entry
        for met in past.expected
        for entry in met.usual
    }


def _anomalies(past: CustomerPast) -> Mapping[tuple[Service, int], SignalReason]:
    found: dict[tuple[Service, int], SignalReason] = {}
    for output in past.said:
        event = output.event
        if isinstance(event, AnomalyRaised) and isinstance(event.figures, ConsumptionFigures):
            figures = event.figures
            found[(figures.service, figures.unit), day_number(figures.day)] = event.reason
    return found
