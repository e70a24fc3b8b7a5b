"""The archives that the contract of `FactArchive` is held by, each beside the log that it is of."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, cast

import pytest

from events.catalogue import CONTROL
from infra.archive.port import FactArchive
from infra.archive.postgres import PostgresArchive
from infra.archive.postgres_feed import Batch, PostgresFeed, TopicPlace
from infra.log.memory import MemoryLog
from infra.log.port import EventLog
from infra.log.records import FactRecord
from infra.postgres.settings import PostgresSettings
from tests.conformance.backends import SqliteLogBackend, opened
from tests.conformance.backends import reading as reading_sqlite
from tests.support.given import LOG
from tests.support.postgres_server import PostgresServer
from tests.support.world import StoppedClock


class Archives(Protocol):
    """One log, and snapshots of what its archive has of it."""

    def opened(self) -> AbstractAsyncContextManager[EventLog]:
        """The log, created with one projection."""

    def reading(self) -> AbstractAsyncContextManager[FactArchive]:
        """A snapshot that has all that was written into the log."""

    async def feed(self) -> None:
        """Let the archive have all that was written, whoever is reading."""


class SqliteArchives:
    """``log.db``: the archive is the log itself."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self._logs = SqliteLogBackend(folder, request)
        self._path = folder / "log.db"

    def opened(self) -> AbstractAsyncContextManager[EventLog]:
        return opened(self._logs)

    def reading(self) -> AbstractAsyncContextManager[FactArchive]:
        return reading_sqlite(self._path)

    async def feed(self) -> None:
        """All of it is there."""


class PostgresArchives:
    """A log in memory, fed into a schema of PostgreSQL as a consumer would."""

    def __init__(self, settings: PostgresSettings, partitions: int = 1) -> None:
        self.settings = settings
        self.log = MemoryLog(partitions, StoppedClock())

    def opened(self) -> AbstractAsyncContextManager[EventLog]:
        return opened(self)

    async def open(self) -> EventLog:
        """The log that `opened` makes."""
        return self.log

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[FactArchive]:
        await self.feed()
        archive = await PostgresArchive.open(self.settings)
        try:
            yield archive
        finally:
            await archive.close()

    async def feed(self) -> None:
        feed = await PostgresFeed.open(self.settings)
        try:
            positions = await feed.begin(LOG.log_id, self.log.partitions)
            await feed.write(all_of(self.log, positions))
        finally:
            await feed.close()


def all_of(log: MemoryLog, positions: Mapping[TopicPlace, int]) -> Batch:
    """What a log has beyond these positions; outputs and letters come whole, again and again."""
    facts: dict[int, list[FactRecord]] = {}
    ends: dict[TopicPlace, int] = {}
    for partition, records in enumerate(log.storage.facts):
        place = TopicPlace("crm.facts", partition)
        new = records[positions.get(place, 0) :]
        facts |= {partition: new} if new else {}
        ends[place] = len(records)
    control = TopicPlace(CONTROL, 0)
    return Batch(
        positions=ends | {control: len(log.storage.control)},
        facts=facts,
        control=log.storage.control[positions.get(control, 0) :],
        outputs=[record for kept in log.outputs.values() for record in kept.values()],
        letters=list(log.dead_letters.values()),
    )


def postgres_archives(folder: Path, request: pytest.FixtureRequest) -> Archives:
    """A schema of its own on the server of all tests."""
    server = cast("PostgresServer", request.getfixturevalue("postgres_server"))
    return PostgresArchives(server.settings(schema_of(folder)))


def schema_of(folder: Path) -> str:
    """A schema that no other test has."""
    return "a" + hashlib.sha256(str(folder).encode()).hexdigest()[:20]


ARCHIVES: dict[str, Callable[[Path, pytest.FixtureRequest], Archives]] = {
    "postgres": postgres_archives,
    "sqlite": SqliteArchives,
}
