"""The desk's tables in PostgreSQL for those who only look: makes none, writes nothing."""

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL

from infra.desk.port import Row, Value
from infra.mendable import MendableError
from infra.postgres.connection import explained, marked
from infra.postgres.settings import PostgresSettings


class DeskMissingError(MendableError):
    """There is no desk in this schema yet."""


class PostgresDeskTables:
    """`DeskQueries` as of the moment of opening, whoever writes meanwhile."""

    event_id = "notification_id"

    def __init__(self, settings: PostgresSettings) -> None:
        """Begin a snapshot. Raises `PostgresUnavailableError`, and `DeskMissingError` without tables."""
        self._settings = settings
        with explained(settings):
            self._connection = psycopg.connect(settings.conninfo)
            try:
                self._begin()
            except BaseException:
                self.close()
                raise

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query. Raises `PostgresUnavailableError`."""
        with explained(self._settings):
            return self._connection.execute(SQL(marked(sql)), tuple(values)).fetchall()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _begin(self) -> None:
        self._connection.read_only = True
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        if self.fetch("SELECT to_regclass('desk_about')") == [(None,)]:
            raise DeskMissingError(
                f"there is no desk in {self._settings.url}, schema {self._settings.db_schema}, yet;"
                " `holdfast alerts` makes it"
            )
