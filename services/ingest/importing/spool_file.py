"""The SQLite file of a spool: its tables, and errors that say what to do."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.ingest.importing.refusals import SpoolError
from services.ingest.importing.spool_rows import DeadRow

FORMAT = 2

SCHEMA = """
CREATE TABLE partial (kind INTEGER, key TEXT, time INTEGER, sequence INTEGER, body BLOB);
CREATE TABLE fact (time INTEGER, kind INTEGER, sequence INTEGER, customer TEXT, id TEXT,
                   day INTEGER, data BLOB, lines BLOB);
CREATE TABLE dead (sequence INTEGER, kind INTEGER, reason TEXT, detail TEXT, mend TEXT,
                   lines BLOB, body BLOB, PRIMARY KEY (sequence, kind)) WITHOUT ROWID;
CREATE TABLE ledger (file INTEGER PRIMARY KEY, codes BLOB);
CREATE TABLE verdict (position INTEGER PRIMARY KEY, dead INTEGER, reason TEXT);
CREATE TABLE outcome (kind INTEGER PRIMARY KEY, appended INTEGER, present INTEGER);
CREATE TABLE label (body BLOB);
CREATE TABLE progress (recorded INTEGER);
INSERT INTO progress VALUES (0);
"""

Row = tuple[Any, ...]  # what its columns hold is known where the query is written


class SpoolFile:
    """A connection to a spool. ``format`` is that of a complete spool, 0 of one being built.

    Any thread may use it, but only one at a time.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises `SpoolError` where it is no database."""
        self.path = path
        with as_spool_error(path):
            self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                self.connection.execute("PRAGMA cache_size = -32000")
                self.format: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
            except sqlite3.DatabaseError:
                self.connection.close()
                raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def add_dead(self, rows: Iterable[DeadRow]) -> None:
        """Keep what became no fact; one that is kept already is left alone."""
        self.write("INSERT OR IGNORE INTO dead VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def write(self, query: str, rows: Iterable[tuple[int | str | bytes | bytearray, ...]]) -> None:
        """Run a statement for each row."""
        with as_spool_error(self.path):
            self.connection.executemany(query, rows)

    def rows(self, query: str, parameters: tuple[int, ...] = ()) -> list[Row]:
        """Return all rows of a query; what its columns hold is known where it is written."""
        with as_spool_error(self.path):
            return self.connection.execute(query, parameters).fetchall()

    def stream(self, query: str) -> Iterator[Row]:
        """Yield the rows of a query, of which there may be many."""
        with as_spool_error(self.path):
            yield from self.connection.execute(query)


def remove_spool(path: Path) -> None:
    """Remove a spool with everything that SQLite keeps beside it."""
    with as_spool_error(path):
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def as_spool_error(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a `SpoolError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        mend = "see that there is room and the right to write there, then repeat the import"
        raise SpoolError(f"{path}: the spool fails ({error}); {mend}") from error
