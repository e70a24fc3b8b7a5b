"""Facts at any offset. What a fetch brought beyond what was asked for is kept for who reads on."""

from collections import OrderedDict
from collections.abc import Sequence

from events.catalogue import FACTS
from infra.log.kafka_fetching import Fetched, KafkaFetcher
from infra.log.kafka_records import Consumed, fact_of
from infra.log.records import FactRecord

PLACES_KEPT = 128
"""So many readers can stand in partitions at once before one fetches again what it had."""

_FIRST_LOOK_BACK = 2  # a commit ends in a marker, so the last record stands before it


class FactPlaces:
    """Reads ``crm.facts``; a place is a partition and the offset to read on from."""

    def __init__(self, fetcher: KafkaFetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[tuple[int, int], Fetched] = OrderedDict()
        self._last: dict[int, tuple[int, int]] = {}

    async def read(self, partition: int, after: int, limit: int) -> list[FactRecord]:
        """Return up to ``limit`` records above an offset, in order; fewer only at the end."""
        found: list[FactRecord] = []
        start = after + 1
        while len(found) < limit:
            fetched = self._kept.pop((partition, start), None)
            if fetched is None:
                fetched = await self._fetcher.fetch(FACTS, partition, start)
            taken = fetched.records[: limit - len(found)]
            found.extend(map(fact_of, taken))
            if len(taken) < len(fetched.records):
                self._keep(partition, fetched, fetched.records[len(taken) :], taken[-1].offset + 1)
                break
            if fetched.next_offset == start or (fetched.is_all and not taken):
                break
            start = fetched.next_offset
        return found

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition; markers do not count."""
        end = (await self._fetcher.ends(FACTS, [partition]))[partition]
        known_end, known_last = self._last.get(partition, (-1, -1))
        if known_end == end:
            return known_last
        last, back = -1, _FIRST_LOOK_BACK
        while last < 0 < end:
            start = max(0, end - back)
            records = await self.read(partition, start - 1, back)
            last = records[-1].offset if records else -1
            if start == 0:
                break
            back *= 16
        self._last[partition] = (end, last)
        return last

    def _keep(self, partition: int, fetched: Fetched, left: Sequence[Consumed], start: int) -> None:
        self._kept[partition, start] = fetched._replace(records=left)
        if len(self._kept) > PLACES_KEPT:
            self._kept.popitem(last=False)
