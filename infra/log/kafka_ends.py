"""Where the facts end, for one who looks every second: cheap while nothing comes, near while much does."""

from collections.abc import Sequence
from typing import Self

from events.catalogue import FACTS
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_facts import FactPlaces
from infra.log.kafka_fetching import KafkaFetcher

MARKERS = 2
"""A commit ends in a marker, behind which the partition's end is said to be."""


class FactEnds:
    """Tells the last record of each partition.

    Where the end has just moved it assumes one marker behind it; once it rests it is looked at.
    """

    def __init__(self, fetcher: KafkaFetcher) -> None:
        """Use `open`."""
        self.partitions = fetcher.partitions(FACTS)
        self._fetcher = fetcher
        self._places = FactPlaces(fetcher)
        self._ends: dict[int, int] = {}
        self._last: dict[int, int] = {}

    @classmethod
    async def open(cls, settings: KafkaSettings) -> Self:
        """Connect. Raises `LogUnreadableError` and `TopicMissingError`."""
        fetcher = await KafkaFetcher.open(settings)
        try:
            return cls(fetcher)
        except BaseException:
            await fetcher.close()
            raise

    async def last(self, folded: Sequence[int]) -> list[int]:
        """Return the offset of the last record of each partition, -1 for none.

        ``folded`` are offsets that are known to hold a record. Raises `LogUnreadableError`.
        """
        ends = await self._fetcher.ends(FACTS, range(self.partitions))
        for partition, end in ends.items():
            if self._ends.get(partition) != end:
                self._last[partition] = -1
        found = [await self._last_of(one, ends[one], folded[one]) for one in range(self.partitions)]
        self._ends = dict(ends)
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._fetcher.close()

    async def _last_of(self, partition: int, end: int, folded: int) -> int:
        if end == 0 or folded >= end - 1:
            return folded
        if self._ends.get(partition) != end:
            return max(folded, end - MARKERS)
        if self._last[partition] < 0:
            self._last[partition] = await self._places.end_offset(partition)
        return self._last[partition]
