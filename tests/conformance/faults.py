"""Ways to make SQLite fail that need no full disk and no broken hardware."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from infra.log.sqlite import SqliteLog

PAGE = 4_096


def take_room(log: SqliteLog) -> None:
    """Let the file grow no further, as on a full disk."""
    connection = log._writer._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def give_room(log: SqliteLog) -> None:
    """Let the file grow again."""
    log._writer._connection.execute("PRAGMA max_page_count = 1000000")


def hurry(log: SqliteLog) -> None:
    """Wait a twentieth of a second for a lock instead of five."""
    log._writer._connection.execute("PRAGMA busy_timeout = 50")


@contextmanager
def another_process_writing(path: Path) -> Iterator[None]:
    """Hold the write lock of a file as another process would: by another connection."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def damage_pages(path: Path) -> None:
    """Overwrite every page but the first with what cannot be a page."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[PAGE:] = b"\xa5" * (len(content) - PAGE)
    path.write_bytes(bytes(content))
