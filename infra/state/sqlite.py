"""The states of embedded mode: one SQLite file a projection, on a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from events.values import CustomerId
from infra.sqlite.connection import Durability, explained, open_writer
from infra.state.port import (
    NOBODY,
    START,
    Commit,
    IdentityMismatchError,
    Position,
    PositionConflictError,
    Quarantined,
    StateRow,
    StoreIdentity,
)

VERSION = 1
SCHEMA = """
CREATE TABLE states (
    customer_id TEXT PRIMARY KEY, data BLOB NOT NULL, due_day INTEGER, standing INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX states_due ON states (due_day, customer_id) WHERE due_day IS NOT NULL;
CREATE INDEX states_standing ON states (customer_id) WHERE standing;
CREATE TABLE quarantine (customer_id TEXT PRIMARY KEY, offset INTEGER NOT NULL, error TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_IDS_A_QUERY = 1000
_UPSERT = (
    "INSERT INTO states VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " data = excluded.data, due_day = excluded.due_day, standing = excluded.standing"
)
_DUE = """
SELECT customer_id, data FROM states WHERE customer_id IN (
    SELECT customer_id FROM states INDEXED BY states_due
    WHERE due_day <= ? AND customer_id > ? ORDER BY customer_id LIMIT ?)
ORDER BY customer_id
"""  # left to itself, SQLite walks all states in the order of their ids, on days with none due too

T = TypeVar("T")


class SqliteStateStore:
    """`StateStore` in ``projection-NAME.db``. The log is the truth, so NORMAL durability will do."""

    def __init__(self, path: Path, identity: StoreIdentity) -> None:
        """Open the file, creating it where it is missing.

        Raises:
            StoreError: the file cannot be used.
            IdentityMismatchError: it belongs to something else.
        """
        self._path = path
        self._connection = open_writer(path, SCHEMA, VERSION, Durability.NORMAL)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="states")
        try:
            _claim(self._connection, path, identity)
        except BaseException:
            self._close()
            raise

    @classmethod
    async def open(cls, path: Path, identity: StoreIdentity) -> Self:
        """Open the file without holding up the event loop."""
        return await asyncio.to_thread(cls, path, identity)

    async def position(self) -> Position:
        """Return the committed position."""
        return await self._run(read_position)

    async def load(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, bytes]:
        """Return the states of those who have one."""
        return await self._run(lambda connection: _load(connection, customer_ids))

    async def due(
        self,
        day: int,
        after: CustomerId | None,
        limit: int,
        known: Container[CustomerId] = NOBODY,
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states due on ``day`` or before, in id order, above ``after``."""
        return await self._run(
            lambda connection: connection.execute(_DUE, (day, after or "", limit)).fetchall()
        )

    async def standing(
        self, after: CustomerId | None, limit: int
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states with a standing signal, in id order, above ``after``."""
        query = (
            "SELECT customer_id, data FROM states"
            " WHERE standing AND customer_id > ? ORDER BY customer_id LIMIT ?"
        )
        return await self._run(
            lambda connection: connection.execute(query, (after or "", limit)).fetchall()
        )

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order."""
        return await self._run(read_quarantine)

    async def commit(self, expected: Position, commit: Commit) -> None:
        """Store rows and position together, if the position still is ``expected``."""
        await self._run(lambda connection: _commit(connection, expected, commit))

    async def close(self) -> None:
        """Finish what is under way and let go of file and thread."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._thread.shutdown()
        self._connection.close()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def explaining() -> T:
            with explained(self._path):
                return work(self._connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, explaining)


def read_position(connection: sqlite3.Connection) -> Position:
    """Return the committed position of a projection file."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'position'").fetchone()
    return START if row is None else msgspec.msgpack.decode(row[0], type=Position)


def read_identity(connection: sqlite3.Connection) -> StoreIdentity | None:
    """Return what a projection file belongs to."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
    return None if row is None else msgspec.msgpack.decode(row[0], type=StoreIdentity)


def read_quarantine(connection: sqlite3.Connection) -> list[Quarantined]:
    """Return the customers in quarantine, in id order."""
    rows = connection.execute("SELECT customer_id, offset, error FROM quarantine ORDER BY 1")
    return list(map(Quarantined._make, rows))


def _claim(connection: sqlite3.Connection, path: Path, identity: StoreIdentity) -> None:
    with explained(path):
        found = read_identity(connection)
        if found is None:
            connection.execute(
                "INSERT INTO meta VALUES ('identity', ?)", (msgspec.msgpack.encode(identity),)
            )
    if found is not None and found != identity:
        raise IdentityMismatchError(f"{path} belongs to {found}, not to {identity}")


def _load(
    connection: sqlite3.Connection, customer_ids: Sequence[CustomerId]
) -> dict[CustomerId, bytes]:
    found: dict[CustomerId, bytes] = {}
    for start in range(0, len(customer_ids), _IDS_A_QUERY):
        some = customer_ids[start : start + _IDS_A_QUERY]
        marks = ",".join("?" * len(some))
        query = f"SELECT customer_id, data FROM states WHERE customer_id IN ({marks})"
        found.update(connection.execute(query, some))
    return found


def _values(rows: Sequence[StateRow]) -> list[tuple[str, bytes, int | None, int]]:
    """Return what to bind, in the order of the tree's pages; sqlite3 binds an int faster than a bool."""
    return [
        (customer_id, data, due_day, int(standing))
        for customer_id, data, due_day, standing in sorted(rows)
    ]


def _commit(connection: sqlite3.Connection, expected: Position, commit: Commit) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = read_position(connection)
        if found != expected:
            raise PositionConflictError(f"expected {expected}, found {found}")
        connection.executemany(_UPSERT, _values(commit.rows))
        connection.executemany(
            "INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)", commit.quarantined
        )
        connection.execute(
            "INSERT INTO meta VALUES ('position', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (msgspec.msgpack.encode(commit.position),),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
