"""Copies of a log on Kafka what cannot be made again: facts with their marks, control, dead letters.

All else is folded from these. It only reads, so it runs while everything runs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from events.calendar import date_of, time_of
from events.catalogue import CONTROL, DEAD_LETTERS, FACTS
from infra.backup.kafka_cut import FactsCut, Mark, MarksDifferError, WholePartition, marks_of
from infra.backup.manifest import FORMAT, VERSION, BackupFile, Manifest, write_manifest
from infra.backup.records import RecordWriter
from infra.ending import ended
from infra.log.head import LogHead, fold
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_records import Consumed, control_of
from infra.log.records import ControlRecord
from infra.mendable import MendableError

PARTITIONS_AT_ONCE = 2
BYTES_A_FETCH = 1024 * 1024
WAIT_MS = 500
SECONDS_FOR_MARKS = 30.0
"""How long the marks of a commit may be on their way to a partition."""

Told = Callable[[int, int], None]
"""Is told how many offsets are behind the backup, and how many there are."""


class NoLogError(MendableError):
    """There is nothing to back up."""


class Cut(msgspec.Struct, frozen=True):
    """What the log was at the moment of the backup. ``ends`` are those of `FACTS`, by partition."""

    head: LogHead
    control: Sequence[Consumed]
    marks: Sequence[Mark]
    ends: Mapping[int, int]


class KafkaBackup:
    """Writes one backup into a folder."""

    def __init__(self, fetcher: KafkaFetcher, folder: Path, told: Told) -> None:
        self._fetcher = fetcher
        self._folder = folder
        self._told = told
        self._done = self._total = 0
        self._room = asyncio.Semaphore(PARTITIONS_AT_ONCE)

    async def run(self, now: int, others: Sequence[BackupFile] = ()) -> Manifest:
        """Write the files, then the manifest; ``now`` is the wall's time in microseconds.

        ``others`` are files that stand in the folder already.

        Raises:
            NoLogError: the log was never created.
            MarksDifferError: the log was changed; a backup of it would be worth nothing.
            DamagedControlError, LogUnreadableError, TopicMissingError: it cannot be read.
        """
        cut = await self._cut()
        letters = await self._ends(DEAD_LETTERS)
        self._total = len(cut.control) + sum(cut.ends.values()) + sum(letters.values())
        control = await self._write(CONTROL, 0, cut.control)
        self._tell(len(cut.control))
        places: list[tuple[str, WholePartition]] = [
            (FACTS, FactsCut(*place, cut.marks)) for place in cut.ends.items()
        ]
        places += [(DEAD_LETTERS, WholePartition(*place)) for place in letters.items()]
        copying = [asyncio.create_task(self._copy(*place)) for place in places]
        try:
            files = (control, *await asyncio.gather(*copying), *others)
        finally:
            await ended(*copying)
        manifest = _manifest(cut, now, files)
        await asyncio.to_thread(write_manifest, self._folder, manifest)
        return manifest

    async def _cut(self) -> Cut:
        """Read control up to its end of now; everything that is answered by now stands up to it."""
        head: LogHead | None = None
        control: list[Consumed] = []
        records: list[ControlRecord] = []
        end, offset = (await self._fetcher.ends(CONTROL, [0]))[0], 0
        while offset < end:
            fetched = await self._fetcher.fetch(CONTROL, 0, offset, max_bytes=BYTES_A_FETCH)
            for message in fetched.records:
                records.append(control_of(message))
                head, _ = fold(head, records[-1])
                control.append(message)
            offset = fetched.next_offset
        if head is None:
            raise NoLogError("there is no log on these topics yet, so there is nothing to back up")
        return Cut(head, control, marks_of(records), await self._ends(FACTS))

    async def _ends(self, topic: str) -> dict[int, int]:
        partitions = range(self._fetcher.partitions(topic))
        return dict(await self._fetcher.ends(topic, partitions))

    async def _write(self, topic: str, partition: int, records: Sequence[Consumed]) -> BackupFile:
        name = _name(topic, partition)
        writer = RecordWriter(self._folder / name)
        await asyncio.to_thread(writer.write, records)
        return BackupFile(name, topic, partition, *await asyncio.to_thread(writer.close))

    async def _copy(self, topic: str, cut: WholePartition) -> BackupFile:
        async with self._room:
            name = _name(topic, cut.partition)
            writer = RecordWriter(self._folder / name)
            try:
                async for records in self._read(topic, cut):
                    await asyncio.to_thread(writer.write, records)
            except BaseException:
                writer.abandon()
                raise
            written = await asyncio.to_thread(writer.close)
            return BackupFile(name, topic, cut.partition, *written)

    async def _read(self, topic: str, cut: WholePartition) -> AsyncIterator[Sequence[Consumed]]:
        loop = asyncio.get_running_loop()
        offset, late = 0, loop.time() + SECONDS_FOR_MARKS
        while True:
            fetched = await self._fetcher.fetch(
                topic,
                cut.partition,
                offset,
                wait_ms=WAIT_MS if offset >= cut.end > 0 else 0,
                max_bytes=BYTES_A_FETCH,
            )
            yield cut.take(fetched.records, fetched.next_offset)
            self._tell(fetched.next_offset - offset)
            if cut.is_done:
                return
            if fetched.next_offset > offset:
                late = loop.time() + SECONDS_FOR_MARKS
            elif loop.time() > late:
                raise MarksDifferError(
                    f"{topic} partition {cut.partition} lacks marks that crm.control has: the log was"
                    " cut, so a backup of it would be worth nothing; `holdfast verify` says more"
                )
            offset = fetched.next_offset

    def _tell(self, done: int) -> None:
        self._done = min(self._done + done, self._total)
        self._told(self._done, self._total)


def _name(topic: str, partition: int) -> str:
    return f"{topic}-{partition:02}.jsonl.gz"


def _manifest(cut: Cut, now: int, files: Sequence[BackupFile]) -> Manifest:
    day = cut.head.open_day
    return Manifest(
        FORMAT,
        VERSION,
        cut.head.identity.log_id,
        time_of(now).isoformat(),
        len(cut.ends),
        None if day is None else date_of(day).isoformat(),
        tuple(files),
    )
