"""What projections said, by sequence. A copy whose sequence is not above the highest seen is dropped.

Kafka finds records by offset, readers ask by sequence; so a lane follows one reader through one
partition and holds what was fetched beyond what it asked for. Where a new lane begins is known from
the way points that earlier ones left.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_records import Consumed, output_of
from infra.log.records import OutputRecord

BYTES_A_FETCH = 128 * 1024
LANES_A_PARTITION = 4
"""Readers of one projection and partition that go on at once without reading again."""

_PROJECTION = "ce_projection"


class WayPoint(NamedTuple):
    """Before this offset no sequence is above ``highest``."""

    highest: int
    offset: int


class Source(NamedTuple):
    """One partition of a derived topic, as one projection wrote to it."""

    topic: str
    projection: str
    partition: int


class _Lane:
    """One reader's way. It holds the records above ``low`` that were fetched, also those handed over.

    A reader may want some of them again: it stops where a day is closed, and goes on from there.
    """

    def __init__(self, start: WayPoint, after: int) -> None:
        self.low = after
        self.highest = start.highest
        self.offset = start.offset
        self.held: list[OutputRecord] = []

    def skip_to(self, after: int) -> None:
        """Let go of what the reader has behind it."""
        del self.held[: bisect_right(self.held, after, key=lambda record: record.sequence)]
        self.low = after

    def add(self, messages: Iterable[Consumed]) -> None:
        """Hold what is new of what was fetched."""
        for output in map(output_of, messages):
            if output.sequence > self.highest:
                self.highest = output.sequence
                if output.sequence > self.low:
                    self.held.append(output)


class OutputLanes:
    """Reads the derived topics for a few readers, each in order."""

    def __init__(self, fetcher: KafkaFetcher) -> None:
        self._fetcher = fetcher
        self._lanes: dict[Source, list[_Lane]] = {}
        self._way: dict[Source, list[WayPoint]] = {}

    @property
    def topics(self) -> set[str]:
        """The topics that somebody reads."""
        return {source.topic for source in self._lanes}

    async def read(self, source: Source, after: int, limit: int) -> list[OutputRecord]:
        """Return up to ``limit`` records whose sequence is above ``after``; none only at the end."""
        lane = self._lane(source, after)
        while not lane.held:
            if await self._fetch(source, lane):
                break
        return lane.held[:limit]

    def _lane(self, source: Source, after: int) -> _Lane:
        lanes = self._lanes.setdefault(source, [])
        behind = [lane for lane in lanes if lane.low <= after]
        lane = max(behind, key=lambda one: one.low, default=None)
        if lane is None or self._leads(source, lane, after):
            lane = _Lane(self._start(source, after), after)
        else:
            lanes.remove(lane)
            lane.skip_to(after)
        lanes.append(lane)  # the last one is the one that was used last
        if len(lanes) > LANES_A_PARTITION:
            lanes.pop(0)
        return lane

    def _leads(self, source: Source, lane: _Lane, after: int) -> bool:
        """Whether a way point is nearer to where somebody wants to read than this lane is."""
        return self._start(source, after).offset > lane.offset

    def _start(self, source: Source, after: int) -> WayPoint:
        way = self._way.get(source, [])
        at = bisect_right(way, after, key=lambda point: point.highest)
        return way[at - 1] if at else WayPoint(-1, 0)

    async def _fetch(self, source: Source, lane: _Lane) -> bool:
        """Fetch on; tell whether that was all there was."""
        start = lane.offset
        fetched = await self._fetcher.fetch(
            source.topic, source.partition, start, max_bytes=BYTES_A_FETCH
        )
        if lane.offset != start:
            return False  # another task of this reader was first
        lane.add(_of_projection(fetched.records, source.projection))
        lane.offset = fetched.next_offset
        self._note(source, WayPoint(lane.highest, lane.offset))
        return fetched.is_all

    def _note(self, source: Source, point: WayPoint) -> None:
        way = self._way.setdefault(source, [])
        if not way or (point.highest > way[-1].highest and point.offset > way[-1].offset):
            way.append(point)


def _of_projection(records: Iterable[Consumed], projection: str) -> Iterable[Consumed]:
    wanted = projection.encode()
    return (record for record in records if dict(record.headers).get(_PROJECTION) == wanted)
