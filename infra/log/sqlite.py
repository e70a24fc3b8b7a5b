"""The log of embedded mode: one SQLite file, one partition, one writer thread, group commit."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from events.control import (
    ClockMode,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from infra.clock import Clock
from infra.log import sqlite_tables as tables
from infra.log.growth import Follower, Growth
from infra.log.head import LogHead, replay
from infra.log.port import NO_TALLIES, LogUnavailableError, Tallies
from infra.log.records import (
    AppendOutcome,
    ControlRecord,
    DeadLetter,
    FactRecord,
    NewFact,
    Output,
    OutputRecord,
)
from infra.log.shared_appends import SharedAppends
from infra.log.transaction import LogTransaction, SeenDay, create
from infra.sqlite.connection import Durability, explained, open_reader, open_writer
from infra.sqlite.writer import GroupCommitWriter

T = TypeVar("T")

Head = LogHead | None


class SqliteLog:
    """`EventLog` in ``log.db``. Hold the folder's lock while one is open."""

    partitions = 1

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the file, creating it where it is missing. Raises `StoreError`."""
        connection = open_writer(path, tables.SCHEMA, tables.VERSION, Durability.FULL)
        try:
            with explained(path):
                for missing in (tables.ARRIVALS, tables.TASK_TABLE):
                    connection.execute(missing)  # a log of an earlier release has no such table
                head = replay(tables.read_control(connection))
            self._reader = open_reader(path, tables.VERSION)
        except BaseException:
            connection.close()
            raise
        self._writer: GroupCommitWriter[Head] = GroupCommitWriter(
            connection, head, lambda error: LogUnavailableError(f"{path}: {error}")
        )
        self._shared = SharedAppends(self._append_together)
        self._path = path
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log-reader")
        self._clock = clock
        self._growth = Growth()
        self._own = self._growth.follower()

    @property
    def head(self) -> Head:
        """Where the log stands, as last committed; None before `create`."""
        return self._writer.state

    async def create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        """Write the first records."""
        now = self._clock.now()

        def job(connection: sqlite3.Connection, head: Head) -> tuple[Head, None]:
            if head is not None:
                raise FileExistsError("this log was created before")
            transaction = create(tables.SqliteStorage(connection), identity, clock_mode, now)
            transaction.flush()
            return transaction.head, None

        await self._writer.submit(job)

    async def create_projection(self, created: ProjectionCreated) -> None:
        """Write a projection's first record, and the marks by which it emits."""
        await self._transact(lambda transaction, _: transaction.create_projection(created))

    async def switch_projection(self, projection: str) -> None:
        """Let a rebuilt projection take over by a live mark in every partition."""
        await self._transact(lambda transaction, _: transaction.switch(projection))

    async def decide_model(self, decided: ModelDecided) -> None:
        """Write a decision durably; where one stands for that projection and day, that one does."""
        await self._transact(lambda transaction, _: transaction.decide_model(decided))

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        """Append facts and return when they stand durably, one outcome a fact, in order."""
        if import_id is None:
            return await self._shared.append(facts)

        return await self._transact(
            lambda transaction, _: transaction.append(facts, import_id, done)
        )

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        return await self._read(lambda connection: tables.read_claims(connection, claims))

    async def _append_together(
        self, groups: Sequence[Sequence[NewFact]]
    ) -> Sequence[Sequence[AppendOutcome]]:
        return await self._transact(
            lambda transaction, _: [transaction.append(facts, None) for facts in groups]
        )

    async def advance(self, up_to: int) -> None:
        """Open every day up to this one, in one transaction."""
        await self._transact(lambda transaction, _: transaction.advance(up_to))

    async def set_clock_mode(self, mode: ClockMode) -> None:
        """Change what "now" means."""
        await self._transact(lambda transaction, _: transaction.set_clock_mode(mode))

    async def schedule(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day."""
        await self._transact(lambda transaction, _: transaction.schedule(scheduled))

    async def begin_import(self, import_id: str, facts: int, seen: SeenDay | None = None) -> int:
        """Take the log for an import; return how many of its facts are done."""
        return await self._transact(
            lambda transaction, _: transaction.begin_import(import_id, facts, seen)
        )

    async def end_import(
        self, import_id: str, *, finished: bool, tallies: Tallies = NO_TALLIES
    ) -> None:
        """Give the log back, and count what came of the import in the same transaction."""

        def write(transaction: LogTransaction, connection: sqlite3.Connection) -> None:
            if transaction.suspended_by is None:
                return
            transaction.end_import(import_id, finished=finished)
            tables.add_tallies(connection, tallies)

        await self._transact(write)

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters durably; one that is kept already is left alone."""
        await self._transact(lambda _, connection: tables.insert_dead_letters(connection, letters))

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what)."""
        await self._transact(lambda _, connection: tables.add_tallies(connection, tallies))

    async def control_records(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        return await self._read(tables.read_control)

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records whose offset is above ``after``, in order."""
        return await self._read(lambda connection: tables.read_facts(connection, after, limit))

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition."""
        return await self._read(lambda connection: tables.last_offset(connection, "facts"))

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Return when the outputs stand durably; a sequence that stands already is left alone."""
        now = self._clock.now()
        records = [OutputRecord.of(output, 0, projection, partition, now) for output in outputs]
        await self._transact(lambda _, connection: tables.insert_outputs(connection, records))

    async def read_outputs(
        self, topic: str, projection: str, partition: int, after: int, limit: int
    ) -> Sequence[OutputRecord]:
        """Return up to ``limit`` records whose sequence is above ``after``, in order."""
        where = "projection = ? AND partition = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        values = (projection, partition, after, limit)
        return await self._read(
            lambda connection: tables.read_outputs(connection, topic, where, values)
        )

    async def wait_for_more(self) -> None:
        """Return once something was written, or `wake` called, after the last call returned."""
        await self._own.wait_for_more()

    def wake(self) -> None:
        """Let `wait_for_more` return."""
        self._own.wake()

    def follower(self) -> Follower:
        """Return another one that waits for more, besides the log's own."""
        return self._growth.follower()

    async def close(self) -> None:
        """Finish what is under way and let go of files and threads."""
        self._reading.shutdown()
        self._reader.close()
        await asyncio.to_thread(self._writer.close)  # last, so that SQLite clears its journal away

    async def _transact(self, write: Callable[[LogTransaction, sqlite3.Connection], T]) -> T:
        now = self._clock.now()

        def job(connection: sqlite3.Connection, head: Head) -> tuple[Head, T]:
            transaction = LogTransaction(tables.SqliteStorage(connection), head, now)
            result = write(transaction, connection)
            transaction.flush()
            return transaction.head, result

        result = await self._writer.submit(job)
        self._growth.tell()
        return result

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        def explaining() -> T:
            with explained(self._path):
                return query(self._reader)

        return await asyncio.get_running_loop().run_in_executor(self._reading, explaining)

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Self:
        """Open the file without holding up the event loop. Raises `StoreError`."""
        return await asyncio.to_thread(cls, path, clock)
