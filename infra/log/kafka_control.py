"""The tail of ``crm.control``: reads it to the end, goes on reading, and folds the head from it.

Whoever wrote there, the head is only ever what was read back.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Self

import msgspec

from events.catalogue import CONTROL
from events.control import ImportStarted
from infra.ending import ended
from infra.kafka.settings import KafkaSettings
from infra.log.head import LogHead, fold
from infra.log.kafka_fetching import KafkaFetcher, LogUnreadableError
from infra.log.kafka_records import TALLIES_HEADER, Consumed, control_of
from infra.log.records import ControlRecord
from infra.mendable import MendableError

WAIT_MS = 500
PARTITION = 0


class ImportEndTallies(NamedTuple):
    """What came of an import, by the record that ended it."""

    offset: int
    rows: tuple[tuple[str, str, int], ...]


_tallies = msgspec.json.Decoder(tuple[tuple[str, str, int], ...])


class ControlTail:
    """What stands in ``crm.control``, as far as it was read. Raises nothing once it is open."""

    def __init__(self, fetcher: KafkaFetcher) -> None:
        """Use `open`."""
        self.head: LogHead | None = None
        self.records: list[ControlRecord] = []
        self.tallies: list[ImportEndTallies] = []
        self.import_began = -1  # where the last import began
        self.next_offset = 0
        self._fetcher = fetcher
        self._moved = asyncio.Condition()
        self._failed: MendableError | None = None
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, settings: KafkaSettings) -> Self:
        """Read to the end, then go on reading in the background.

        Raises `DamagedControlError`, `LogUnreadableError`, `TopicMissingError`.
        """
        tail = cls(await KafkaFetcher.open(settings))
        try:
            tail._fetcher.partitions(CONTROL)
            await tail._read_to_the_end()
        except BaseException:
            await tail._fetcher.close()
            raise
        tail._reading = asyncio.create_task(tail._follow())
        return tail

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            await ended(self._reading)
        await self._fetcher.close()

    async def passed(self, offset: int) -> None:
        """Return once everything up to this offset is folded into the head.

        Raises what stopped the reading: `DamagedControlError`.
        """
        async with self._moved:
            await self._moved.wait_for(lambda: self.next_offset > offset or self._failed)
        if self._failed is not None:
            raise self._failed

    async def _read_to_the_end(self) -> None:
        while True:
            fetched = await self._fetcher.fetch(CONTROL, PARTITION, self.next_offset)
            self._fold(fetched.records)
            self.next_offset = fetched.next_offset
            if fetched.is_all:
                return

    async def _follow(self) -> None:
        while True:
            try:
                fetched = await self._fetcher.fetch(
                    CONTROL, PARTITION, self.next_offset, wait_ms=WAIT_MS
                )
                self._fold(fetched.records)
            except LogUnreadableError:
                continue  # whoever waits goes on waiting; the brokers come back
            except MendableError as error:
                self._failed = error
                await self._tell()
                return
            if fetched.next_offset != self.next_offset:
                self.next_offset = fetched.next_offset
                await self._tell()

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    def _fold(self, messages: Sequence[Consumed]) -> None:
        for message in messages:
            record = control_of(message)
            self.head, event = fold(self.head, record)
            self.records.append(record)
            if isinstance(event, ImportStarted):
                self.import_began = record.offset
            counted = message.header(TALLIES_HEADER)
            if counted is not None:
                self.tallies.append(ImportEndTallies(record.offset, _tallies.decode(counted)))
