"""Which days of the scheduled feeds have come, noted in the transaction of their facts."""

from functools import cache

import msgspec

from events.catalogue import REGISTRY
from events.marks import FeedDay
from events.usage import UsageRecorded
from infra.log.feeds import Arrival, Feeds, closings, with_closed
from infra.log.head import LogHead
from infra.log.records import NewFact
from infra.log.storage import ArrivalStorage


class _Service(msgspec.Struct, frozen=True):
    """What a usage record says of its service; the door has checked the rest."""

    service: str


_decoder = msgspec.json.Decoder(_Service)


class Arrivals:
    """The days not closed yet of which records came, read from the storage when first needed."""

    def __init__(self, storage: ArrivalStorage) -> None:
        self._storage = storage
        self._known: set[Arrival] | None = None
        self._changed = False

    def known(self) -> set[Arrival]:
        """Return the days that came and are not closed yet."""
        if self._known is None:
            self._known = self._storage.arrivals()
        return self._known

    def note(self, fact: NewFact, feeds: Feeds) -> None:
        """Note the day of a record that a scheduled source sends of a service of its own."""
        if not feeds or not _is_usage(fact.type):
            return
        service = _decoder.decode(fact.data).service
        feed = feeds.get(service)
        if feed is None or feed.source != fact.source:
            return
        arrival = Arrival(service, fact.day)
        if (feed.next_day is None or fact.day >= feed.next_day) and arrival not in self.known():
            self.known().add(arrival)
            self._changed = True

    def closed(self, head: LogHead, opened: int) -> tuple[FeedDay, ...]:
        """Return what closes at the opening of a day, and forget the days that are closed."""
        if not head.feeds:
            return ()
        found = closings(head.feeds, opened, head.first_day, self.known())
        feeds = with_closed(head.feeds, found)
        left = {arrival for arrival in self.known() if _is_open(arrival, feeds)}
        if left != self.known():
            self._known, self._changed = left, True
        return found

    def flush(self) -> None:
        """Hand what changed to the storage."""
        if self._changed and self._known is not None:
            self._storage.set_arrivals(self._known)
            self._changed = False


def _is_open(arrival: Arrival, feeds: Feeds) -> bool:
    feed = feeds.get(arrival.service)
    return feed is not None and (feed.next_day is None or arrival.day >= feed.next_day)


@cache
def _is_usage(type_name: str) -> bool:
    return REGISTRY.current_name(type_name) == REGISTRY.current_name(_USAGE)


_USAGE = next(name for name, entry in REGISTRY.types.items() if entry.struct is UsageRecorded)
