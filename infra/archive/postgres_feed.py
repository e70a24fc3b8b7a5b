"""Feeding the archive in PostgreSQL: a batch and how far it was consumed, in one transaction.

So a batch that was broken off leaves nothing, and is consumed again from where the last one ended.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, AsyncCursor
from psycopg.errors import UniqueViolation

from events.catalogue import CONTROL, FACTS
from events.values import CustomerId
from infra.archive import postgres_tables as tables
from infra.archive.postgres_rows import (
    FACT_TYPES,
    OUTPUT_TYPES,
    fact_rows,
    letter_row,
    output_rows,
)
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord
from infra.mendable import MendableError
from infra.postgres.connection import explained, making, open_postgres
from infra.postgres.settings import PostgresSettings

CUSTOMERS_KNOWN = 1_000_000
"""Customers that are remembered to be in the archive; beyond that they are looked up anew."""

_FED = """
INSERT INTO fed VALUES (%s, %s, %s, %s, %s) ON CONFLICT (topic, partition) DO UPDATE SET
    end_offset = excluded.end_offset, others = fed.others + excluded.others,
    marks = fed.marks + excluded.marks
"""
_POSITION = """
INSERT INTO positions VALUES (%s, %s, %s)
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
"""
_CUSTOMERS = "INSERT INTO customers SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
_LETTER = """
INSERT INTO dead_letters (id, received, source, reason, detail, place, mend, body)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING
"""


class TopicPlace(NamedTuple):
    """A partition of a topic, whose name goes without the prefix."""

    topic: str
    partition: int


class Batch(msgspec.Struct, frozen=True):
    """What was consumed, by topic, and the offset from which each partition is read on."""

    positions: Mapping[TopicPlace, int]
    facts: Mapping[int, Sequence[FactRecord]] = {}
    control: Sequence[ControlRecord] = ()
    outputs: Sequence[OutputRecord] = ()
    letters: Sequence[DeadLetter] = ()

    @property
    def records(self) -> int:
        """How many records there are."""
        others = len(self.control) + len(self.outputs) + len(self.letters)
        return others + sum(map(len, self.facts.values()))


class OtherLogError(MendableError):
    """The archive was fed from another log."""


class FedTwiceError(MendableError):
    """Records stand in the archive already that its own position says are still to come."""


class AlreadyFedError(MendableError):
    """Another process feeds this archive."""


class PostgresFeed:
    """Writes the archive. There is one at a time: it holds a lock for as long as it is connected."""

    def __init__(self, settings: PostgresSettings, connection: AsyncConnection) -> None:
        """Use `open`."""
        self._settings = settings
        self._connection = connection
        self._known: set[CustomerId] = set()

    @classmethod
    async def open(cls, settings: PostgresSettings) -> Self:
        """Connect, and make the tables where they are missing.

        Raises:
            PostgresUnavailableError: the server does not serve.
            OtherArchiveError: the tables have another layout.
            AlreadyFedError: another process feeds this archive; it ends with that process.
        """
        connection = await open_postgres(settings)
        try:
            with explained(settings):
                await connection.execute("SET synchronous_commit TO on")
                async with making(connection):
                    await tables.create_tables(connection)
                await _lock(connection, settings)
        except BaseException:
            await connection.close()
            raise
        return cls(settings, connection)

    async def begin(self, log_id: str, partitions: int) -> Mapping[TopicPlace, int]:
        """Feed from this log; return from where each partition is read on.

        Raises `OtherLogError` where the archive holds another one, or one of other partitions.
        """
        wanted = {"log_id": log_id, "partitions": str(partitions)}
        with explained(self._settings):
            async with self._connection.transaction():
                found = await tables.read_about(self._connection)
                if "log_id" not in found:
                    for name, value in wanted.items():
                        await self._connection.execute(
                            "INSERT INTO archive VALUES (%s, %s)", (name, value)
                        )
                    found |= wanted
            if any(found[name] != value for name, value in wanted.items()):
                raise OtherLogError(
                    f"the archive in {self._settings.url}, schema {self._settings.db_schema}, holds"
                    f" log {found['log_id']} of {found['partitions']} partitions, and Kafka has log"
                    f" {log_id} of {partitions}: check HOLDFAST_KAFKA_BOOTSTRAP_SERVERS and"
                    " HOLDFAST_KAFKA_TOPIC_PREFIX, or name another schema by"
                    " HOLDFAST_POSTGRES_DB_SCHEMA"
                )
            rows = await self._connection.execute(
                "SELECT topic, partition, next_offset FROM positions"
            )
            return {
                TopicPlace(topic, partition): offset
                for topic, partition, offset in await rows.fetchall()
            }

    async def write(self, batch: Batch) -> None:
        """Keep a batch and its positions durably, all or nothing.

        Raises:
            PostgresUnavailableError: the server does not serve. The batch may stand all the same,
                so begin again from the positions.
            FedTwiceError: a record stands already.
        """
        new = {
            record.customer_id
            for records in batch.facts.values()
            for record in records
            if record.customer_id is not None
        } - self._known
        try:
            with explained(self._settings):
                async with self._connection.transaction(), self._connection.cursor() as cursor:
                    await self._write(cursor, batch, new)
        except UniqueViolation as error:
            raise FedTwiceError(
                f"the archive in schema {self._settings.db_schema} holds records beyond its own"
                f" position ({error.diag.message_detail}): somebody else wrote to it; name another"
                " schema by HOLDFAST_POSTGRES_DB_SCHEMA and let `holdfast archive` feed that"
            ) from error
        if len(self._known) > CUSTOMERS_KNOWN:
            self._known.clear()
        self._known |= new

    async def close(self) -> None:
        """Let go of the connection, and so of the lock."""
        await self._connection.close()

    async def _write(self, cursor: AsyncCursor, batch: Batch, new: set[CustomerId]) -> None:
        if new:
            await cursor.execute(_CUSTOMERS, ([UUID(name) for name in sorted(new)],))
        if batch.facts:
            await self._copy_facts(cursor, batch.facts)
        if batch.control:
            await cursor.executemany(
                "INSERT INTO control VALUES (%s, %s, %s, %s, %s)", batch.control
            )
            fed = (CONTROL, 0, batch.control[-1].offset, len(batch.control), 0)
            await cursor.execute(_FED, fed)
        by_topic: defaultdict[str, list[OutputRecord]] = defaultdict(list)
        for record in batch.outputs:
            by_topic[record.topic].append(record)
        for topic, records in by_topic.items():
            await self._copy_outputs(cursor, tables.OUTPUT_TABLES[topic], records)
        if batch.letters:
            await cursor.executemany(_LETTER, map(letter_row, batch.letters))
        positions = [(*place, offset) for place, offset in batch.positions.items()]
        await cursor.executemany(_POSITION, positions)

    async def _copy_facts(
        self, cursor: AsyncCursor, facts: Mapping[int, Sequence[FactRecord]]
    ) -> None:
        async with cursor.copy("COPY facts FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(FACT_TYPES.split())
            for partition, records in facts.items():
                for row in fact_rows(partition, records):
                    await copy.write_row(row)
        await cursor.executemany(
            _FED, [_fed(partition, records) for partition, records in facts.items()]
        )

    async def _copy_outputs(
        self, cursor: AsyncCursor, table: str, records: Sequence[OutputRecord]
    ) -> None:
        """Copy into a table beside, and from there what does not stand yet."""
        await cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS staged_{table} (LIKE {table}) ON COMMIT DELETE ROWS"
        )
        async with cursor.copy(f"COPY staged_{table} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(OUTPUT_TYPES.split())
            for row in output_rows(records):
                await copy.write_row(row)
        await cursor.execute(
            f'INSERT INTO {table} SELECT * FROM staged_{table} ORDER BY partition, "offset"'
            " ON CONFLICT DO NOTHING"
        )


async def _lock(connection: AsyncConnection, settings: PostgresSettings) -> None:
    query = "SELECT pg_try_advisory_lock(hashtext('holdfast archive'), hashtext(%s))"
    row = await (await connection.execute(query, (settings.db_schema,))).fetchone()
    if row is None or not row[0]:
        raise AlreadyFedError(
            f"another process feeds the archive in {settings.url}, schema {settings.db_schema}; one"
            " is enough, and a second one stands by until it ends"
        )


def _fed(partition: int, records: Sequence[FactRecord]) -> tuple[str, int, int, int, int]:
    marks = sum(record.customer_id is None for record in records)
    return FACTS, partition, records[-1].offset, len(records) - marks, marks
