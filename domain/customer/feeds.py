"""What a day mark says of the scheduled feeds, and what it makes of the services that are watched."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from domain.customer.usage import Consumption, ServiceUsage
from domain.detection import metered_watch
from events.calendar import day_number
from events.marks import DayOpened, FeedVerdict

UNUSED_DAYS = 91
"""A service that was not used for so many days is not watched any longer."""


ASK_AGAIN_DAYS = 14
"""So long a use is not worth a look at the next mark, once a service turned out to have no feed."""


class FeedClosing(NamedTuple):
    """The day of a feed that a mark closes; where it did not arrive, nobody's total is known."""

    day: int
    arrived: bool


Feeds = Mapping[str, Sequence[FeedClosing]]
"""The closings of each scheduled service, at least one each, in the order of their days."""

NO_FEEDS: Feeds = MappingProxyType({})


def feeds_of(opened: DayOpened) -> Feeds:
    """Return the feeds that a day mark speaks of."""
    if not opened.feeds:
        return NO_FEEDS
    found: dict[str, list[FeedClosing]] = {}
    for feed in opened.feeds:
        closing = FeedClosing(day_number(feed.day), feed.verdict is FeedVerdict.ARRIVED)
        found.setdefault(feed.service, []).append(closing)
    return found


def at_mark(consumption: Consumption, today: int, feeds: Feeds) -> Consumption:
    """Return the consumption after the mark that opens ``today``.

    Of a service with a feed the days close that the mark closes; it is watched on. One without is
    not: it is looked at again after a use in two weeks or later.
    """
    if consumption.due_day is None or consumption.due_day > today:
        return consumption
    services = tuple(_at_mark(entry, today, feeds) for entry in consumption.services)
    due_day = today + 1 if any(entry.watch for entry in services) else None
    asked = any(entry.watch and entry.service not in feeds for entry in consumption.services)
    ask_from = today + ASK_AGAIN_DAYS if asked else consumption.ask_from
    return Consumption(services, consumption.left_out, due_day, ask_from)


def _at_mark(entry: ServiceUsage, today: int, feeds: Feeds) -> ServiceUsage:
    if not entry.watch:
        return entry
    return msgspec.structs.replace(entry, watch=_closed(entry, today, feeds.get(entry.service, ())))


def _closed(entry: ServiceUsage, today: int, closings: Sequence[FeedClosing]) -> bytes:
    if not closings or closings[-1].day - entry.last_day >= UNUSED_DAYS:
        return b""
    watch = metered_watch.unpack(entry.watch)
    for day, arrived in closings:
        watch = metered_watch.closed(watch, day, today, arrived=arrived)
    return metered_watch.pack(watch)
