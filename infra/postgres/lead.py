"""One process of several does something at a time: whoever holds an advisory lock on its connection.

A process that dies loses its connection, and with it the lead, at once; one whose machine is gone, or
that freezes, within ten seconds. For that moment two may think that they lead, so lead only in what
does no harm when it is done twice.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from infra.log.growth import Follower, Growth
from infra.postgres.connection import explained, open_postgres
from infra.postgres.settings import PostgresSettings

SECONDS_BETWEEN_BEATS = 2.0

_FENCES: tuple[LiteralString, ...] = (
    "SET idle_session_timeout = '10s'",  # a frozen holder is cut off
    "SET tcp_keepalives_idle = 4",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
)
_TAKE = "SELECT pg_advisory_lock(hashtext(%s), hashtext(%s))"


class Lead:
    """A place in the line for the lead; `take` returns once this process has it."""

    def __init__(self, settings: PostgresSettings, connection: AsyncConnection, name: str) -> None:
        """Use `in_line`."""
        self._settings = settings
        self._connection = connection
        self._name = name
        self._told = Growth()

    async def take(self) -> None:
        """Wait until this process leads. Raises `PostgresUnavailableError`."""
        with explained(self._settings):
            await self._connection.execute(_TAKE, (self._name, self._settings.db_schema))

    def follower(self) -> Follower:
        """Return one that is woken whenever somebody notifies the channel, while `keep` goes on."""
        return self._told.follower()

    async def keep(self) -> None:
        """Keep the lead for ever. Raises `PostgresUnavailableError` once it is lost."""
        with explained(self._settings):
            while True:
                async for _ in self._connection.notifies(
                    timeout=SECONDS_BETWEEN_BEATS, stop_after=1
                ):
                    self._told.tell()
                await self._connection.execute("SELECT 1")


@asynccontextmanager
async def in_line(settings: PostgresSettings, name: str, channel: str) -> AsyncIterator[Lead]:
    """Stand in line for a lead; left, the next one has it. Raises `PostgresUnavailableError`."""
    connection = await open_postgres(settings)
    try:
        with explained(settings):
            for fence in _FENCES:
                await connection.execute(fence)
            await connection.execute(SQL("LISTEN {}").format(Identifier(channel)))
        yield Lead(settings, connection, name)
    finally:
        await connection.close()
