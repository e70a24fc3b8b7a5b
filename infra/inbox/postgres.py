"""The inbox of Kafka mode, in tables ``console_*``: shared by all consoles, told anew by ``crm.tasks``.

Any number of consoles write here. Each transaction takes a lock first, so that what it reads stands
until it ends, and ticks are seen in the order in which they were given.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg import Connection
from psycopg.sql import SQL

from infra.inbox.port import Row, Value
from infra.inbox.sql import SqlInbox
from infra.inbox.tables import REMADE, TABLES, VERSION
from infra.mendable import MendableError
from infra.postgres.connection import explained, making_here, marked
from infra.postgres.settings import PostgresSettings

ANEW = (
    "start `holdfast console --anew` once, which makes the read model of tasks anew from crm.tasks"
)

_ABOUT = """CREATE TABLE IF NOT EXISTS console_about (
name TEXT PRIMARY KEY, value TEXT NOT NULL)"""


class OtherInboxError(MendableError):
    """The tables hold the tasks of another log, or have another layout."""


class About(NamedTuple):
    """Of which log the tables are, and their layout."""

    log_id: str
    layout: str = str(VERSION)


class PostgresInboxTables:
    """`Database` in the schema that the settings name. A connection that was broken off is made again."""

    anew = ANEW

    def __init__(self, settings: PostgresSettings, log_id: str, *, anew: bool = False) -> None:
        """Make the tables where they are missing; ``anew`` throws away what they hold.

        Raises `PostgresUnavailableError`, and `OtherInboxError` for the tables of another log.
        """
        self._settings = settings
        with making_here(settings) as connection:
            with connection.transaction():
                if anew:
                    for name in ("console_about", *REMADE):
                        connection.execute(SQL(f"DROP TABLE IF EXISTS {name}"))
                _make(connection)
            self._check(connection, About(log_id))
        with explained(settings):
            self._connection = self._connected()

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        with self._explained():
            return self._alive().execute(SQL(marked(sql)), tuple(values)).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, alone among all consoles. Raises `PostgresUnavailableError`."""
        with self._explained(), self._alive().transaction():
            self._connection.execute("LOCK TABLE console_ticks IN EXCLUSIVE MODE")
            yield

    def run(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Run statements, each with rows of values."""
        with self._connection.cursor() as cursor:
            for sql, rows in statements:
                cursor.executemany(SQL(marked(sql)), rows)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with explained(self._settings):
                yield
        except psycopg.errors.UndefinedTable as error:
            raise OtherInboxError(
                f"a table of the console in {self._settings.url}, schema {self._settings.db_schema},"
                f" is gone ({error.diag.message_primary}): {ANEW}"
            ) from error

    def _connected(self) -> Connection:
        return psycopg.connect(self._settings.conninfo, autocommit=True)

    def _alive(self) -> Connection:
        """Return the connection, another one where the server broke it off; one in use stays."""
        if self._connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS:
            return self._connection
        try:
            self._connection.execute("SELECT 1")
        except (psycopg.OperationalError, psycopg.InterfaceError):
            self._connection.close()
            self._connection = self._connected()
        return self._connection

    def _check(self, connection: Connection, wanted: About) -> None:
        for name, value in wanted._asdict().items():
            connection.execute(
                "INSERT INTO console_about VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, value)
            )
        rows = connection.execute("SELECT name, value FROM console_about").fetchall()
        found = About(**dict(rows))
        if found != wanted:
            raise OtherInboxError(
                f"the console's tables in {self._settings.url}, schema {self._settings.db_schema}, are"
                f" of log {found.log_id} and layout {found.layout}, and this is log {wanted.log_id}"
                f" and layout {wanted.layout}: check HOLDFAST_KAFKA_TOPIC_PREFIX and"
                f" HOLDFAST_POSTGRES_DB_SCHEMA, or {ANEW}"
            )


def postgres_inbox(settings: PostgresSettings, log_id: str, *, anew: bool = False) -> SqlInbox:
    """Open the inbox of a log. Raises as `PostgresInboxTables` does."""
    return SqlInbox(PostgresInboxTables(settings, log_id, anew=anew))


def _make(connection: Connection) -> None:
    for statement in (*TABLES, _ABOUT):
        connection.execute(SQL(statement.format(blob="BYTEA", text='TEXT COLLATE "C"')))
