"""Opening SQLite files, and saying clearly what is wrong with one that cannot be used."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from infra.mendable import MendableError

CACHE_KIBIBYTES = 64 * 1024
"""Pages that a writer keeps: its indexes are hit at random, and SQLite's own 2 MB would thrash."""

CHECKPOINT_PAGES = 8192
"""Pages (32 MB) written to the WAL before they go into the file: most are overwritten until then."""


class StoreError(MendableError):
    """A file of the data folder cannot be used; the message says which, why and how to mend it."""


class Durability(StrEnum):
    """When a commit returns: FULL after an fsync, NORMAL before (a power cut may undo the last)."""

    FULL = "FULL"
    NORMAL = "NORMAL"


def open_writer(
    path: Path, schema: str, version: int, durability: Durability
) -> sqlite3.Connection:
    """Open a file for writing, creating its tables where it is new.

    Transactions are begun by hand. Raises `StoreError` for a file that is locked, corrupt, not a
    database, or of another layout.
    """
    with explained(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {durability.value}")
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            _prepare(connection, path, schema, version)
        except BaseException:
            connection.close()
            raise
        return connection


def open_reader(path: Path, version: int) -> sqlite3.Connection:
    """Open a file read-only, also while another process writes to it.

    Raises `StoreError` where it is missing, corrupt, or of another layout.
    """
    if not path.exists():
        raise StoreError(f"{path} does not exist; `holdfast import` or `holdfast serve` makes it")
    with explained(path):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA busy_timeout = 5000")
            _check_version(connection, path, version)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about a file into a `StoreError` that says how to mend it."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}; {_mend(error)}") from error


def _prepare(connection: sqlite3.Connection, path: Path, schema: str, version: int) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
            raise StoreError(f"{path} is a database of another program; move it out of the way")
        connection.executescript(
            f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {version}; COMMIT"
        )
    _check_version(connection, path, version)


def _check_version(connection: sqlite3.Connection, path: Path, version: int) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != version:
        raise StoreError(
            f"{path} has layout {found}, this release reads {version}; use the release that made it"
        )


def _mend(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text:
        return "another program holds it: close that program, then try again"
    if "full" in text:
        return "free some disk space, then try again"
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return "the file is damaged: restore it from a backup"
    return "check the file's rights and its disk"
