"""The course of Kafka mode: one row a projection in PostgreSQL, replaced day by day.

It is not in Redis, which may lose its last second: what was learned from snapshots that have
expired since cannot be learned again.
"""

from collections.abc import Awaitable, Callable
from typing import Self, TypeVar

import msgspec
from psycopg import AsyncConnection

from infra.course.port import Progress
from infra.mendable import MendableError
from infra.postgres.connection import PostgresUnavailableError, explained, making, open_postgres
from infra.postgres.settings import PostgresSettings

_TABLE = "CREATE TABLE IF NOT EXISTS course (projection text PRIMARY KEY, progress bytea NOT NULL)"
_READ = "SELECT progress FROM course WHERE projection = %s"
_REPLACE = (
    "INSERT INTO course VALUES (%s, %s)"
    " ON CONFLICT (projection) DO UPDATE SET progress = excluded.progress"
)

_decoder = msgspec.json.Decoder(Progress)

T = TypeVar("T")


class CourseUnreadableError(MendableError):
    """What is kept of a course cannot be read: damaged, or of a release of another course."""


class PostgresCourseStore:
    """`CourseStore` in a table of the schema that the settings name."""

    def __init__(
        self, settings: PostgresSettings, projection: str, connection: AsyncConnection
    ) -> None:
        """Use a connection whose schema has the table: see `open`."""
        self._settings = settings
        self._projection = projection
        self._connection = connection

    @classmethod
    async def open(cls, settings: PostgresSettings, projection: str) -> Self:
        """Connect, and make the table where it is missing. Raises `PostgresUnavailableError`."""
        return cls(settings, projection, await _connected(settings))

    async def load(self) -> Progress | None:
        """Return what was committed last; None before the first day.

        Raises:
            PostgresUnavailableError: the server does not serve.
            CourseUnreadableError: what it keeps is damaged, or of another release.
        """
        row = await self._run(self._read)
        try:
            return None if row is None else _decoder.decode(row[0])
        except msgspec.DecodeError as error:
            where = f"{self._settings.url}, schema {self._settings.db_schema}, table course"
            raise CourseUnreadableError(
                f"the course of {self._projection} cannot be read ({where}: {error}); use the release"
                " that wrote it, or delete its row and the learner goes through the recorded"
                " snapshots again"
            ) from error

    async def commit(self, progress: Progress) -> None:
        """Keep a day's progress, all or nothing, on the server's disk when this returns.

        Raises `PostgresUnavailableError`: it may stand all the same, and may be committed again.
        """
        data = msgspec.json.encode(progress)
        await self._run(lambda connection: self._replace(connection, data))

    async def close(self) -> None:
        """Let go of the connection."""
        await self._connection.close()

    async def _run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do work on a connection; a second time where the one at hand had been broken off.

        Both pieces of work may be done twice: they read, or write the same again.
        """
        if not self._connection.closed:
            try:
                with explained(self._settings):
                    return await work(self._connection)
            except PostgresUnavailableError:
                if not self._connection.broken:
                    raise
        await self._connection.close()
        self._connection = await _connected(self._settings)
        with explained(self._settings):
            return await work(self._connection)

    async def _read(self, connection: AsyncConnection) -> tuple[bytes] | None:
        return await (await connection.execute(_READ, (self._projection,))).fetchone()

    async def _replace(self, connection: AsyncConnection, data: bytes) -> None:
        await connection.execute(_REPLACE, (self._projection, data))


async def _connected(settings: PostgresSettings) -> AsyncConnection:
    connection = await open_postgres(settings)
    try:
        with explained(settings):
            await connection.execute("SET synchronous_commit TO on")
            async with making(connection):
                await connection.execute(_TABLE)
    except BaseException:
        await connection.close()
        raise
    return connection
