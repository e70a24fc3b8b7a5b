"""The desk in PostgreSQL as of one moment, for whoever only looks."""

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL

from infra.desk.port import DeskUnavailableError, Row, Value
from infra.postgres.connection import marked
from infra.postgres.settings import PostgresSettings


class PostgresDeskSnapshot:
    """`DeskQueries` on one read transaction: others go on writing, this reader sees none of it."""

    event_id = "notification_id"

    def __init__(self, settings: PostgresSettings) -> None:
        """Begin the snapshot. Raises `DeskUnavailableError`."""
        self._settings = settings
        try:
            self._connection = psycopg.connect(settings.conninfo)
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
        except psycopg.Error as error:
            raise self._unavailable(error) from error

    @property
    def exists(self) -> bool:
        """Whether alerts have made a desk here."""
        return self.fetch("SELECT to_regclass('desk_about') IS NOT NULL") == [(True,)]

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        try:
            return self._connection.execute(SQL(marked(sql)), tuple(values)).fetchall()
        except psycopg.Error as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _unavailable(self, error: psycopg.Error) -> DeskUnavailableError:
        return DeskUnavailableError(f"{self._settings.url}: {error}")
