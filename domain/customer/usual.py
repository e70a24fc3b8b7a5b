"""What is usual of the services that are watched, as the card shows it."""

from domain.customer.usage import Consumption
from domain.detection import metered_watch, metering
from events.profiles import UsualUse


def usual_use(consumption: Consumption, today: int) -> tuple[UsualUse, ...]:
    """Return the band in which a day's total is expected today, of each service that is known well."""
    found: list[UsualUse] = []
    for entry in consumption.services:
        if not entry.watch:
            continue
        level = metered_watch.unpack(entry.watch).level
        if level.counted < metering.WARM_UP_DAYS:
            continue
        expected = level.level + level.weekdays[today % 7]
        low, middle, high = metering.band(expected, level.spread)
        found.append(UsualUse(entry.service, entry.unit, low, middle, high))
    return tuple(found)
