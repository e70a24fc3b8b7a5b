"""``crm.signals`` at any offset: where partitions begin, what stands between; and the end of ``crm.tasks``."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from events.catalogue import SIGNALS, TASKS
from infra.log.kafka_fetching import BEGINNING, END, KafkaFetcher
from infra.log.kafka_records import Consumed, DamagedMessageError, output_of
from services.alerts.from_kafka.places import SignalPlace

BYTES_TO_LOOK = 16 * 1024


class SignalLog:
    """Reads both topics beside the consumer group. Raises `LogUnreadableError` everywhere."""

    def __init__(self, fetcher: KafkaFetcher) -> None:
        self._fetcher = fetcher
        self.partitions = fetcher.partitions(SIGNALS)

    async def begins(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Return the first offset of each partition that is still there."""
        return await self._offsets(partitions, BEGINNING)

    async def ends(self) -> Mapping[int, int]:
        """Return the offset behind the last signal of every partition."""
        return await self._offsets(range(self.partitions), END)

    async def starts(self, kept: Mapping[int, SignalPlace], given: Sequence[int]) -> dict[int, int]:
        """Return from where each partition is read on: behind its place, else from its beginning.

        A place of which the topic does not have the signal is another topic's.
        """
        begins = await self.begins(given)
        held = await asyncio.gather(*(self._holds(one, place) for one, place in kept.items()))
        behind = {
            partition: place.offset + 1
            for (partition, place), holds in zip(kept.items(), held, strict=True)
            if holds or place.offset + 1 <= begins[partition]
        }
        return {partition: behind.get(partition, begins[partition]) for partition in given}

    async def between(self, partition: int, start: int, end: int) -> list[Consumed]:
        """Return what stands from one offset up to another, without that."""
        found: list[Consumed] = []
        while start < end:
            fetched = await self._fetcher.fetch(SIGNALS, partition, start)
            found += [message for message in fetched.records if message.offset < end]
            if fetched.next_offset == start:
                break
            start = fetched.next_offset
        return found

    async def appended_ms(self, partition: int, offset: int) -> int | None:
        """Return when the signal at an offset, or behind it, was appended; None for none."""
        fetched = await self._fetcher.fetch(SIGNALS, partition, offset, max_bytes=BYTES_TO_LOOK)
        return fetched.records[0].timestamp_ms if fetched.records else None

    async def last_told(self) -> int:
        """Return the highest number that stands on ``crm.tasks``, 0 for none."""
        ends = await self._fetcher.ends(TASKS, range(self._fetcher.partitions(TASKS)))
        filled = {partition: end for partition, end in ends.items() if end}
        fetched = await asyncio.gather(
            *(self._fetcher.fetch(TASKS, partition, end - 1) for partition, end in filled.items())
        )
        said = [output_of(record).sequence for each in fetched for record in each.records[-1:]]
        return max(said, default=0)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._fetcher.close()

    async def _offsets(self, partitions: Iterable[int], time: int) -> Mapping[int, int]:
        return await self._fetcher.offsets(SIGNALS, dict.fromkeys(partitions, time))

    async def _holds(self, partition: int, place: SignalPlace) -> bool:
        fetched = await self._fetcher.fetch(
            SIGNALS, partition, place.offset, max_bytes=BYTES_TO_LOOK
        )
        if not fetched.records or fetched.records[0].offset != place.offset:
            return False
        try:
            record = output_of(fetched.records[0])
        except DamagedMessageError:
            return False
        return (record.projection, record.sequence) == (place.projection, place.sequence)
