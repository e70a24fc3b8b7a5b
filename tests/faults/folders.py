"""What stands in a data folder, and ways to spoil it, by SQL or by bytes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path


def log_file(folder: Path) -> Path:
    """The log's file."""
    return folder / "log.db"


def projection_file(folder: Path) -> Path:
    """The one projection's file."""
    (path,) = folder.glob("projection-*.db")
    return path


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that commits when the block ends."""
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def rows(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with opened(path) as connection:
        return connection.execute(query, values).fetchall()


def change(path: Path, statement: str, values: Sequence[object] = ()) -> None:
    """Run a statement that changes exactly one row."""
    with opened(path) as connection:
        assert connection.execute(statement, values).rowcount == 1


def settle(folder: Path) -> None:
    """Move everything out of the write-ahead logs into the main files."""
    for path in (log_file(folder), projection_file(folder)):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def facts_digest(folder: Path) -> str:
    """A digest of every column of every fact and mark."""
    hasher = sha256()
    for row in rows(log_file(folder), "SELECT * FROM facts ORDER BY offset"):
        hasher.update(repr(row).encode())
    return hasher.hexdigest()


def tallies(folder: Path) -> dict[tuple[str, str], int]:
    """The counters of (source, what)."""
    found = rows(log_file(folder), "SELECT source, what, count FROM tallies")
    return {(source, what): count for source, what, count in found}


def models(folder: Path) -> list[tuple[object, ...]]:
    """Day, model and refusal of each decision, in order; projections are named after their log."""
    fields = ", ".join(f"json_extract(text, '$.{name}')" for name in ("day", "model", "refused"))
    decided = "SELECT CAST(data AS TEXT) AS text, offset FROM control WHERE type = ?"
    query = f"SELECT {fields} FROM ({decided}) ORDER BY offset"
    return rows(log_file(folder), query, "crm.model.decided.v1")


def flipped(data: bytes, position: int) -> bytes:
    """The same bytes with one bit of one of them changed."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
