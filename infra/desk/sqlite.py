"""``desk.db``: the store of embedded mode, in one SQLite file of `eventsourcing`."""

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any  # the library's keyword arguments have no other type

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteProcessRecorder

from infra.desk.port import DeskUnavailableError, Row, Value
from infra.desk.recorded import DriverErrors, RecordedDesk
from infra.desk.tables import TABLES, VERSION
from infra.sqlite.connection import StoreError, explained, open_reader


class DeskRecorder(SQLiteProcessRecorder):
    """Writes rows in the transaction of the events."""

    def construct_create_table_statements(self) -> list[str]:
        """Return the library's tables and ours."""
        ours = [statement.format(blob="BLOB", text="TEXT") for statement in TABLES]
        version = f"PRAGMA user_version = {VERSION}"
        return [*super().construct_create_table_statements(), *ours, version]

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # as the library has it
    ) -> Sequence[int] | None:
        returning = super()._insert_events(c, stored_events, **kwargs)
        for statement in kwargs.get("rows", ()):
            c.executemany(statement.sql, statement.rows)
        return returning


class SqliteDesk(RecordedDesk):
    """`DeskStore` in ``desk.db``. Hold the folder's lock while one is open."""

    event_id = "rowid"

    def __init__(self, path: Path) -> None:
        """Open the file, creating it where it is missing. Raises `StoreError`."""
        super().__init__(str(path), DriverErrors(sqlite3.IntegrityError, sqlite3.Error))
        self._path = path
        self._datastore = SQLiteDatastore(str(path))
        try:
            with explained(path), self._explained():
                self._check_version()
                self._recorder = DeskRecorder(self._datastore)
                self._recorder.create_table()
        except DeskUnavailableError as error:
            self.close()
            raise StoreError(f"{path} cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        with self._explained(), self._datastore.transaction(commit=False) as cursor:
            cursor.execute(sql, tuple(values))
            return [tuple(row) for row in cursor.fetchall()]

    def turn(self) -> AbstractContextManager[None]:
        """Return at once: whoever holds the folder's lock is alone."""
        return nullcontext()

    def close(self) -> None:
        """Let go of the file."""
        self._datastore.close()

    def _check_version(self) -> None:
        ((found,),) = self.fetch("PRAGMA user_version")
        if found not in {0, VERSION}:
            raise StoreError(
                f"{self._path} has layout {found!r}, this release reads {VERSION};"
                " use the release that made it"
            )


class SqliteDeskFile:
    """`DeskQueries` on ``desk.db``, read-only, whoever writes to it meanwhile."""

    event_id = "rowid"

    def __init__(self, path: Path) -> None:
        """Open the file. Raises `StoreError`."""
        self._path = path
        self._connection = open_reader(path, VERSION)

    def pin(self) -> None:
        """Read as of now from here on, whatever is written meanwhile."""
        self.fetch("BEGIN")
        self.fetch("SELECT count(*) FROM desk_about")  # SQLite pins at the first read

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        with explained(self._path):
            return list(self._connection.execute(sql, tuple(values)))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
