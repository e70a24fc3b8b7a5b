"""Connections to PostgreSQL, in a schema of their own that is made where it is missing."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.sql import SQL, Identifier

from infra.mendable import MendableError
from infra.postgres.settings import PostgresSettings


class PostgresUnavailableError(MendableError):
    """PostgreSQL cannot be reached, or broke off; nothing of the transaction stands."""


async def open_postgres(settings: PostgresSettings) -> AsyncConnection:
    """Return a connection with autocommit, whose schema is there.

    Raises `PostgresUnavailableError`.
    """
    with explained(settings):
        connection = await AsyncConnection.connect(settings.conninfo, autocommit=True)
        try:
            schema = Identifier(settings.db_schema)
            await connection.execute("SET client_min_messages TO warning")
            async with making(connection):
                await connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        except BaseException:
            await connection.close()
            raise
        return connection


@asynccontextmanager
async def making(connection: AsyncConnection) -> AsyncIterator[None]:
    """A transaction that makes what is missing, one process at a time.

    Of two that say ``CREATE ... IF NOT EXISTS`` at the same moment, one would fail.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('holdfast'))")
        yield


@contextmanager
def making_here(settings: PostgresSettings) -> Iterator[Connection]:
    """A connection of this thread on which what is missing is made, one process at a time.

    The schema is there. Raises `PostgresUnavailableError`.
    """
    with explained(settings), psycopg.connect(settings.conninfo, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('holdfast'))")
        connection.execute("SET client_min_messages TO warning")
        schema = Identifier(settings.db_schema)
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        yield connection


@contextmanager
def explained(settings: PostgresSettings) -> Iterator[None]:
    """Turn what says that the server is gone into `PostgresUnavailableError`."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        said = " ".join(str(error).split())
        raise PostgresUnavailableError(
            f"PostgreSQL at {settings.url} does not serve: {said}; is it up, and are the"
            " HOLDFAST_POSTGRES_* settings right?"
        ) from error


def marked(sql: str) -> str:
    """Return SQL with psycopg's marks in the place of question marks.

    >>> marked("SELECT 1 WHERE name = ?")
    'SELECT 1 WHERE name = %s'
    """
    return sql.replace("?", "%s")
