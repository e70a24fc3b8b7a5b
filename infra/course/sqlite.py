"""The course of embedded mode: one row in ``learning-NAME.db``, replaced day by day."""

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

from infra.course.port import Progress
from infra.sqlite.connection import Durability, StoreError, explained, open_writer

VERSION = 1
SCHEMA = "CREATE TABLE course (one INTEGER PRIMARY KEY CHECK (one = 1), progress BLOB NOT NULL)"
_REPLACE = "INSERT OR REPLACE INTO course VALUES (1, ?)"

_decoder = msgspec.json.Decoder(Progress)


@contextmanager
def _mended_by_removing(path: Path) -> Iterator[None]:
    """Say of a damaged file that nothing is lost with it."""
    try:
        yield
    except (StoreError, msgspec.DecodeError) as error:
        reason = error.__cause__ if isinstance(error, StoreError) else error
        if reason is None or isinstance(reason, sqlite3.OperationalError):
            raise  # the file itself is sound: of another release, held, or on a full disk
        raise StoreError(
            f"{path} cannot be used ({reason}); remove it (and its -wal and -shm), and the learner"
            " goes through the recorded snapshots again"
        ) from error


class SqliteCourseStore:
    """`CourseStore` in a file of its own. The snapshots are the truth, so NORMAL durability will do."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it where it is missing. Raises `StoreError`."""
        self._path = path
        with _mended_by_removing(path):
            self._connection = open_writer(path, SCHEMA, VERSION, Durability.NORMAL)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="course")

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file without holding up the event loop."""
        return await asyncio.to_thread(cls, path)

    async def load(self) -> Progress | None:
        """Return what was committed last; None before the first day.

        Raises `StoreError` for a file that is damaged, or that a release of another course wrote.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._load)

    async def commit(self, progress: Progress) -> None:
        """Keep a day's progress, all or nothing. Raises `StoreError`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, progress)

    async def close(self) -> None:
        """Finish what is under way and let go of file and thread."""
        await asyncio.to_thread(self._close)

    def _load(self) -> Progress | None:
        with _mended_by_removing(self._path), explained(self._path):
            row = self._connection.execute("SELECT progress FROM course").fetchone()
            return None if row is None else _decoder.decode(row[0])

    def _commit(self, progress: Progress) -> None:
        with _mended_by_removing(self._path), explained(self._path):
            self._connection.execute(_REPLACE, (msgspec.json.encode(progress),))

    def _close(self) -> None:
        self._thread.shutdown()
        self._connection.close()
