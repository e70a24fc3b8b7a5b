"""The store of Kafka mode: `eventsourcing` on PostgreSQL, in the schema that everything else is in.

Any number of processes decide on it, one at a time: each piece of work is one transaction behind an
advisory lock, reading included. So what was read cannot have changed when it is written, as it could
not in one process; a process that freezes in its turn loses it, and with it all that it would write.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any  # the library's keyword arguments have no other type

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.sql import SQL

from infra.desk.port import Row, Value
from infra.desk.recorded import DriverErrors, RecordedDesk
from infra.desk.tables import TABLES
from infra.postgres.connection import making_here, marked
from infra.postgres.settings import PostgresSettings

SECONDS_OF_SILENCE = 30
"""A process that says nothing for so long in its turn has lost it."""

CHANNEL = "stored_events"
"""Whoever listens here is told of every piece of work that had events."""

_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '60s'"
_TURN = "SELECT pg_advisory_xact_lock(hashtext('holdfast desk'), hashtext(%s))"


class DeskDatastore(PostgresDatastore):
    """Connects as everything else does: with TLS where it is asked for, in the configured schema."""

    def __init__(self, settings: PostgresSettings) -> None:
        super().__init__(
            "",
            "",
            "",
            "",
            "",
            schema=settings.db_schema,
            pool_size=2,
            pre_ping=True,
            idle_in_transaction_session_timeout=SECONDS_OF_SILENCE,
        )
        self.pool.conninfo = settings.conninfo
        self.pool.kwargs = {"row_factory": dict_row}
        self._of_thread = threading.local()

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Return the connection of this thread's turn, else one of the pool."""
        held: Connection[DictRow] | None = getattr(self._of_thread, "held", None)
        if held is not None:
            yield held
            return
        with super().get_connection() as connection:
            yield connection

    @contextmanager
    def held(self) -> Iterator[Connection[DictRow]]:
        """Let everything that this thread does be of one transaction."""
        with super().get_connection() as connection, connection.transaction():
            self._of_thread.held = connection
            try:
                yield connection
            finally:
                self._of_thread.held = None


class DeskRecorder(PostgresProcessRecorder):
    """Writes rows in the transaction of the events, behind the lock that puts writers in a row."""

    def _insert_events(
        self,
        curs: Cursor[DictRow],
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # as the library has it
    ) -> None:
        self._lock_table(curs)  # first, so that two writers never wait for each other's rows
        super()._insert_events(curs, stored_events, **kwargs)
        for statement in kwargs.get("rows", ()):
            curs.executemany(SQL(marked(statement.sql)), statement.rows)


class PostgresDesk(RecordedDesk):
    """`DeskStore` in PostgreSQL. Any number of processes may have one open."""

    event_id = "notification_id"

    def __init__(self, settings: PostgresSettings) -> None:
        """Make the tables where they are missing. Raises `PostgresUnavailableError`."""
        super().__init__(settings.url, DriverErrors(psycopg.IntegrityError, psycopg.Error))
        self._settings = settings
        self._datastore = DeskDatastore(settings)
        self._recorder = DeskRecorder(
            self._datastore, events_table_name="stored_events", tracking_table_name="tracking"
        )
        try:
            with making_here(settings):
                self._recorder.create_table()
                self._create_rows()
        except BaseException:
            self.close()
            raise

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        with (
            self._explained(),
            self._datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            return list(cursor.execute(SQL(marked(sql)), tuple(values)).fetchall())

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Read and write in one transaction while nobody else does in one of theirs."""
        with self._explained(), self._datastore.held() as connection:
            connection.execute(_LOCK_TIMEOUT)
            connection.execute(_TURN, (self._settings.db_schema,))
            yield

    def close(self) -> None:
        """Let go of the connections."""
        self._datastore.close()

    def _create_rows(self) -> None:
        with self._datastore.get_connection() as connection:
            for statement in TABLES:
                text = statement.format(blob="BYTEA", text='TEXT COLLATE "C"')
                connection.execute(SQL(text))
