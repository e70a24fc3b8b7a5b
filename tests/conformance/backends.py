"""The logs that the contract suites run on; `stores.py` has what is kept beside them. A new one is a class here and a name in its list."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from events.catalogue import DERIVED_TOPICS
from events.control import ClockMode
from infra.archive.sqlite import SqliteArchive
from infra.log.memory import MemoryLog
from infra.log.port import EventLog
from infra.log.records import DeadLetter, OutputRecord
from infra.log.sqlite import SqliteLog
from tests.conformance.kafka_log import KafkaLogBackend
from tests.support.given import LOG
from tests.support.world import CREATED, NOON, PROJECTION, StoppedClock


class LogBackend(Protocol):
    """Opens one log, again and again, and reads what the port itself does not read back."""

    has_gaps: bool
    """Whether something else than records may take offsets between them."""

    def is_now(self, appended: int) -> bool:
        """Whether something appended in this test has this time."""
        ...

    async def open(self) -> EventLog:
        """The log, as it stands after the last opening."""
        ...

    async def outputs(self, log: EventLog) -> list[OutputRecord]:
        """All outputs, by sequence."""
        ...

    async def letters(self, log: EventLog) -> list[DeadLetter]:
        """All dead letters."""
        ...

    async def tallies(self, log: EventLog) -> dict[tuple[str, str], int]:
        """The counters."""
        ...


class MemoryLogBackend:
    """One partition in memory; opening it again gives the same one."""

    def __init__(self, _folder: Path, _request: pytest.FixtureRequest) -> None:
        self._log = MemoryLog(1, StoppedClock())

    has_gaps = False

    def is_now(self, appended: int) -> bool:
        return appended == NOON

    async def open(self) -> EventLog:
        return self._log

    async def outputs(self, log: EventLog) -> list[OutputRecord]:
        kept = self._log.outputs.get((PROJECTION, 0), {})
        return [kept[sequence] for sequence in sorted(kept)]

    async def letters(self, log: EventLog) -> list[DeadLetter]:
        return list(self._log.dead_letters.values())

    async def tallies(self, log: EventLog) -> dict[tuple[str, str], int]:
        return dict(self._log.tallies)


class SqliteLogBackend:
    """``log.db`` in a folder."""

    def __init__(self, folder: Path, _request: pytest.FixtureRequest | None = None) -> None:
        self._path = folder / "log.db"

    has_gaps = False

    def is_now(self, appended: int) -> bool:
        return appended == NOON

    async def open(self) -> EventLog:
        return await SqliteLog.open(self._path, StoppedClock())

    async def outputs(self, log: EventLog) -> list[OutputRecord]:
        async with reading(self._path) as archive:
            found = [
                record
                for topic in DERIVED_TOPICS
                for record in await archive.newest_outputs(topic, 1_000, None)
            ]
        return sorted(found, key=lambda record: record.sequence)

    async def letters(self, log: EventLog) -> list[DeadLetter]:
        async with reading(self._path) as archive:
            return list(await archive.dead_letters(1_000))

    async def tallies(self, log: EventLog) -> dict[tuple[str, str], int]:
        async with reading(self._path) as archive:
            return await archive.tallies()


LOGS: dict[str, Callable[[Path, pytest.FixtureRequest], LogBackend]] = {
    "kafka": KafkaLogBackend,
    "memory": MemoryLogBackend,
    "sqlite": SqliteLogBackend,
}


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[SqliteArchive]:
    """A snapshot of a log's file."""
    archive = SqliteArchive(path)
    try:
        yield archive
    finally:
        await archive.close()


@asynccontextmanager
async def opened(backend: LogBackend) -> AsyncIterator[EventLog]:
    """A log that is closed in the end; created, with one projection, where it is new."""
    log = await backend.open()
    try:
        if log.head is None:
            await log.create(LOG, ClockMode.LOG)
            await log.create_projection(CREATED)
        yield log
    finally:
        await log.close()
