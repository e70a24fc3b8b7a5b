"""What is said when a service's consumption becomes surprising, and when that is over."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.customer.anomalies import ServiceAnomaly, anomalies
from domain.customer.usage import Consumption
from domain.detection import metering
from domain.detection.metering import Surprise
from events.calendar import date_of
from events.figures import ChurnFigures
from events.profiles import StandingSignal
from events.signals import AnomalyCleared, AnomalyRaised, Placement, SignalReason
from events.values import CustomerId, Money

REASONS = {
    Surprise.DROP: SignalReason.CONSUMPTION_DROP,
    Surprise.SPIKE: SignalReason.CONSUMPTION_SPIKE,
    Surprise.SHIFT_DOWN: SignalReason.CONSUMPTION_SHIFT_DOWN,
    Surprise.SHIFT_UP: SignalReason.CONSUMPTION_SHIFT_UP,
}


class About(NamedTuple):
    """Whom a signal is about, on the open day ``today``, and how likely it is to leave."""

    customer_id: CustomerId
    today: int
    stake: Money
    placement: Placement
    churn: ChurnFigures | None


def standing(consumption: Consumption) -> tuple[StandingSignal, ...]:
    """Return the signals that stand."""
    return tuple(
        StandingSignal(
            REASONS[entry.anomaly.surprise],
            metering.DETECTOR,
            date_of(entry.anomaly.raised_day),
            entry.figures(),
        )
        for entry in anomalies(consumption)
    )


def changes(
    about: About, before: Consumption, after: Consumption
) -> Iterator[AnomalyCleared | AnomalyRaised]:
    """Yield what ended and then what began between two states.

    A service that there is no room for any more, or whose feed is scheduled no longer, takes its
    anomaly along.
    """
    stood, stand = anomalies(before), anomalies(after)
    for entry in stood:
        if entry not in stand:
            yield _cleared(about, entry)
    for entry in stand:
        if entry not in stood:
            yield _raised(about, entry)


def _raised(about: About, entry: ServiceAnomaly) -> AnomalyRaised:
    return AnomalyRaised(
        about.customer_id,
        date_of(about.today),
        REASONS[entry.anomaly.surprise],
        metering.DETECTOR,
        entry.figures(),
        entry.window(),
        about.stake,
        about.placement,
        about.churn,
    )


def _cleared(about: About, entry: ServiceAnomaly) -> AnomalyCleared:
    return AnomalyCleared(
        about.customer_id,
        date_of(about.today),
        REASONS[entry.anomaly.surprise],
        metering.DETECTOR,
        date_of(entry.anomaly.raised_day),
        entry.figures(),
        about.placement,
    )
