"""What a snapshot of the archive in PostgreSQL is of: which log, and how far it was fed."""

import msgspec
from psycopg import AsyncConnection

from events.catalogue import CONTROL, FACTS
from infra.archive import postgres_tables as tables
from infra.mendable import MendableError
from infra.postgres.settings import PostgresSettings

_NOTHING = (-1, 0, 0)


class ArchiveMissingError(MendableError):
    """Nothing was ever fed into this schema."""


class About(msgspec.Struct, frozen=True):
    """What a snapshot is of: a log, and how far it was fed."""

    log_id: str
    ends: tuple[int, ...]
    facts: tuple[int, ...]
    marks: tuple[int, ...]
    control: int


async def read_about(connection: AsyncConnection, settings: PostgresSettings) -> About:
    """Return what this snapshot has. Raises `ArchiveMissingError` and `OtherArchiveError`."""
    found = await tables.read_about(connection) if await tables.has_tables(connection) else {}
    if "log_id" not in found:
        raise ArchiveMissingError(
            f"nothing was fed into schema {settings.db_schema} at {settings.url} yet: `holdfast"
            " archive` does that, as soon as `holdfast ingest` has made the log"
        )
    partitions = int(found["partitions"])
    rows = await connection.execute("SELECT topic, partition, end_offset, others, marks FROM fed")
    fed = {(topic, partition): counts for topic, partition, *counts in await rows.fetchall()}
    each = [fed.get((FACTS, partition), _NOTHING) for partition in range(partitions)]
    ends, facts, marks = zip(*each, strict=True)
    return About(found["log_id"], ends, facts, marks, fed.get((CONTROL, 0), _NOTHING)[1])
