"""Scheduled feeds: which source sends what, and which days of it close when a day is opened.

The log knows of each scheduled service on which days records of it came from its source; by that a
day that closes has arrived or is late. A feed that is missing is not a zero.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from events.calendar import date_of, day_number
from events.control import SourceScheduled
from events.marks import FeedDay, FeedVerdict


class Arrival(NamedTuple):
    """A record of a service came from the service's scheduled source, of this day."""

    service: str
    day: int


class Feed(msgspec.Struct, frozen=True):
    """The feed of one service. Days from ``next_day`` on are judged; None for all days there are.

    ``last`` is the day that closed last, with what was known of it then.
    """

    source: str
    delay_days: int
    next_day: int | None = None
    last: FeedDay | None = None


Feeds = Mapping[str, Feed]
"""The feed of each scheduled service."""


class ServiceTakenError(Exception):
    """Another source has declared the feed of a service."""

    def __init__(self, service: str, source: str) -> None:
        super().__init__(
            f"source {source} has declared {service} already, and a service has one daily feed:"
            f" declare {source} without it first, or take its schedule back by"
            f" `holdfast source unschedule {source}`"
        )


def with_schedule(
    feeds: Feeds, scheduled: SourceScheduled, open_day: int | None
) -> dict[str, Feed]:
    """Return the feeds after a source declared its own, which takes the place of what it had.

    A service that it had before goes on where it was; of a new one, days are judged from the one
    after the open day on, as of those before nobody noted what came.
    """
    source = scheduled.source
    kept = {service: feed for service, feed in feeds.items() if feed.source != source}
    first = None if open_day is None else open_day + 1
    for service in scheduled.services:
        known = feeds.get(service)
        same = known is not None and known.source == source
        before = known if known is not None and same else Feed(source, 0, first)
        kept[service] = msgspec.structs.replace(before, delay_days=scheduled.delay_days)
    return dict(sorted(kept.items()))


def check_schedule(feeds: Feeds, scheduled: SourceScheduled) -> None:
    """Raise `ServiceTakenError` where one of the services is another source's."""
    for service in scheduled.services:
        known = feeds.get(service)
        if known is not None and known.source != scheduled.source:
            raise ServiceTakenError(service, known.source)


def with_closed(feeds: Feeds, closings: tuple[FeedDay, ...]) -> dict[str, Feed]:
    """Return the feeds after a day was opened that closed these days of theirs."""
    changed = dict(feeds)
    for closing in closings:
        feed = changed.get(closing.service)
        if feed is not None and closing.verdict is not FeedVerdict.UNJUDGED:
            after = day_number(closing.day) + 1
            changed[closing.service] = msgspec.structs.replace(feed, next_day=after, last=closing)
    return changed


def closings(
    feeds: Feeds, opened: int, first_day: int | None, arrived: AbstractSet[Arrival]
) -> tuple[FeedDay, ...]:
    """Return what closes at the opening of a day, at least one entry for each service.

    ``first_day`` is the log's first; of the days before it nothing is judged.
    """
    return tuple(
        closing
        for service, feed in feeds.items()
        for closing in _closings(service, feed, opened, first_day, arrived)
    )


def _closings(
    service: str, feed: Feed, opened: int, first_day: int | None, arrived: AbstractSet[Arrival]
) -> Iterator[FeedDay]:
    last = opened - 1 - feed.delay_days
    first = feed.next_day if feed.next_day is not None else first_day
    if first is None or first > last:
        yield FeedDay(service, date_of(last), FeedVerdict.UNJUDGED)
        return
    for day in range(first, last + 1):
        came = Arrival(service, day) in arrived
        yield FeedDay(service, date_of(day), FeedVerdict.ARRIVED if came else FeedVerdict.LATE)
