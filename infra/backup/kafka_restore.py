"""Writes a backup into empty topics, record by record, as the one writer of the log.

Facts come first, control last and in one transaction: without control there is no log, so no service
takes half of one for the whole. Broken off, the same command goes on where the first one stopped: what
stands must be what the backup has.

Offsets are others than they were: each transaction takes one for its marker. Nothing in a record
refers to them but the progress of an import, in two headers, which are left out. An import that was
under way begins again at its first fact, and finds standing what stands.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS
from infra.backup.kafka_standing import WAY_ON, OtherRecordsError, Standing
from infra.backup.manifest import BackupFile, Manifest
from infra.backup.records import read_records
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_records import IMPORT_BEGAN_HEADER, IMPORT_HEADER, Message

RESTORED = (FACTS, DEAD_LETTERS, CONTROL)
"""The topics of a backup, in the order in which they are written."""

_OF_OFFSETS = frozenset({IMPORT_HEADER, IMPORT_BEGAN_HEADER})

Append = Callable[[Sequence[Message]], Awaitable[None]]
"""Writes messages in one transaction, and returns once they stand."""

Told = Callable[[int], None]
"""Is told how many records more stand."""


class Backup(msgspec.Struct, frozen=True):
    """A backup whose files were checked."""

    folder: Path
    manifest: Manifest


class KafkaRestore:
    """Brings the topics to what one backup has."""

    def __init__(self, backup: Backup, fetcher: KafkaFetcher, told: Told) -> None:
        self._backup = backup
        self._fetcher = fetcher
        self._told = told

    async def stands(self) -> bool:
        """Whether a log stands there: then nothing may be written. Raises `LogUnreadableError`."""
        end = (await self._fetcher.ends(CONTROL, [0]))[0]
        return bool(await Standing(self._fetcher, CONTROL, 0, end).next(1))

    async def run(self, append: Append) -> None:
        """Write what does not stand yet, once all that stands was found to be the backup's.

        Raises:
            OtherRecordsError: something else stands there; nothing was written.
            LogUnreadableError: the brokers do not answer.
        """
        files = [file for topic in RESTORED for file in self._backup.manifest.of_topic(topic)]
        for file in files:
            await self._look(file)
        for file in files:
            await self._restore(file, append)

    async def offsets(self, wanted: Mapping[int, Collection[int]]) -> dict[int, dict[int, int]]:
        """Return the offset that facts have now, by the partition and the one that they had.

        Call it once all of it stands.
        """
        return {
            file.partition: await self._offsets(file, wanted[file.partition])
            for file in self._backup.manifest.of_topic(FACTS)
            if file.partition in wanted
        }

    async def _offsets(self, file: BackupFile, wanted: Collection[int]) -> dict[int, int]:
        standing, found = await self._standing(file), dict[int, int]()
        chunks = read_records(self._backup.folder / file.name)
        while (records := await asyncio.to_thread(next, chunks, None)) is not None:
            now = await standing.next(len(records))
            for had, has in zip(records, now, strict=True):
                if had.offset in wanted:
                    found[had.offset] = has.offset
        return found

    async def _look(self, file: BackupFile) -> None:
        standing = await self._standing(file)
        if standing.is_empty:
            return
        async for messages in self._messages(file):
            if await standing.pass_over(messages):
                break
        await standing.refuse_more()

    async def _restore(self, file: BackupFile, append: Append) -> None:
        standing = await self._standing(file)
        async for messages in self._messages(file):
            lacking = await standing.pass_over(messages)
            if lacking:
                await append(lacking)
            self._told(len(messages))

    async def _standing(self, file: BackupFile) -> Standing:
        end = (await self._fetcher.ends(file.topic, [file.partition]))[file.partition]
        return Standing(self._fetcher, file.topic, file.partition, end)

    async def _messages(self, file: BackupFile) -> AsyncIterator[list[Message]]:
        """Return what a file holds, by transactions: control in one, the rest some megabytes each."""
        chunks = read_records(self._backup.folder / file.name)
        everything: list[Message] = []
        while (records := await asyncio.to_thread(next, chunks, None)) is not None:
            messages = [_restored(one.message(file.topic, file.partition)) for one in records]
            if file.topic == CONTROL:
                everything += messages
            else:
                yield messages
        if everything:
            yield everything


async def nothing_more(messages: Sequence[Message]) -> None:
    """Append nothing to a log that stands. Raises `OtherRecordsError`."""
    raise OtherRecordsError(
        f"{messages[0].topic} partition {messages[0].partition} lacks {len(messages)} of the records of"
        f" the backup or more: another log stands there. {WAY_ON}"
    )


def _restored(message: Message) -> Message:
    kept = [header for header in message.headers if header[0] not in _OF_OFFSETS]
    return message._replace(headers=kept)
