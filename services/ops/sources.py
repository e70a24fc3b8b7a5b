"""The sources that declared a schedule, and whether their feeds come."""

import datetime

import msgspec

from events.marks import FeedVerdict
from infra.log.head import LogHead


class ScheduledFeed(msgspec.Struct, frozen=True):
    """The daily feed of a service: its delay in days, the day that closed last, and if it had come.

    ``closed`` and ``verdict`` are null where no day was closed by this schedule yet.
    """

    source: str
    service: str
    delay_days: int
    closed: datetime.date | None
    verdict: FeedVerdict | None


def scheduled_feeds(head: LogHead) -> tuple[ScheduledFeed, ...]:
    """Return the feed of every scheduled service, by source and service."""
    found = (
        ScheduledFeed(
            source=feed.source,
            service=service,
            delay_days=feed.delay_days,
            closed=None if feed.last is None else feed.last.day,
            verdict=None if feed.last is None else feed.last.verdict,
        )
        for service, feed in head.feeds.items()
    )
    return tuple(sorted(found, key=lambda feed: (feed.source, feed.service)))
