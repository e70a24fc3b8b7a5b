"""The anomalies of a customer's services that stand, in figures."""

from typing import NamedTuple

from domain.customer.usage import Consumption
from domain.detection import metered_watch, metering
from domain.detection.anomaly import SHIFTS, Anomaly
from events.calendar import date_of
from events.figures import ConsumptionFigures, Evidence

EVIDENCE = "crm.usage.recorded.v1"
EVIDENCE_DAYS = 28
"""A level rests on so many days: they are the facts behind an anomaly, its own day the last."""


class ServiceAnomaly(NamedTuple):
    """An anomaly that stands, and of what service in what unit."""

    service: str
    unit: str
    anomaly: Anomaly

    def figures(self) -> ConsumptionFigures:
        """Return what to show: as of the day that raised it, however long it stands."""
        anomaly = self.anomaly
        low, middle, high = metering.band(anomaly.expected, anomaly.spread)
        shifts = anomaly.surprise in SHIFTS
        return ConsumptionFigures(
            service=self.service,
            unit=self.unit,
            day=date_of(anomaly.day),
            total=anomaly.total,
            expected=middle,
            expected_low=low,
            expected_high=high,
            deviation=anomaly.deviation,
            evidence=anomaly.evidence,
            threshold=metering.SHIFT_ABOVE if shifts else metering.BLIP_BEYOND,
        )

    def window(self) -> Evidence:
        """Return which facts stand behind it."""
        last = self.anomaly.day
        return Evidence(EVIDENCE, date_of(last - EVIDENCE_DAYS + 1), date_of(last))


def anomalies(consumption: Consumption) -> tuple[ServiceAnomaly, ...]:
    """Return the anomalies that stand, in the order of the services."""
    found = (
        (entry, metered_watch.anomaly_of(entry.watch))
        for entry in consumption.services
        if entry.watch
    )
    return tuple(
        ServiceAnomaly(entry.service, entry.unit, anomaly)
        for entry, anomaly in found
        if anomaly is not None
    )
