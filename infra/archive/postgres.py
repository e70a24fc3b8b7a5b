"""The fact archive of Kafka mode: a read snapshot of what was fed into PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Self

import msgspec
from psycopg import AsyncConnection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.catalogue import SNAPSHOTS
from events.values import CustomerId
from infra.archive import postgres_tables as tables
from infra.archive.port import ListedLetter
from infra.archive.postgres_about import About, read_about
from infra.archive.postgres_feed import TopicPlace
from infra.archive.postgres_rows import fact_of, letter_of, listed_letter_of
from infra.log.head import LogHead, replay
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord
from infra.postgres.connection import explained, open_postgres
from infra.postgres.settings import PostgresSettings
from infra.redis.connection import RedisUnavailableError

RECORDS_A_READ = 2000
_NEWEST_LETTERS = "FROM dead_letters ORDER BY received DESC, id LIMIT %s"


class PostgresArchive:
    """`FactArchive` on one read transaction: the feed goes on, this reader sees none of it.

    The counters of sources are read from Redis, where the door keeps them, and are of now.
    """

    dense = False
    claims = None

    def __init__(
        self,
        settings: PostgresSettings,
        connection: AsyncConnection,
        about: About,
        redis: Redis | None,
    ) -> None:
        """Use `open`."""
        self.partitions = len(about.ends)
        self._settings = settings
        self._connection = connection
        self._about = about
        self._redis = redis

    @classmethod
    async def open(cls, settings: PostgresSettings, redis: Redis | None = None) -> Self:
        """Begin a snapshot.

        Raises:
            PostgresUnavailableError: the server does not serve.
            ArchiveMissingError: nothing was ever fed here.
            OtherArchiveError: the tables have another layout.
        """
        connection = await open_postgres(settings)
        try:
            with explained(settings):
                await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return cls(settings, connection, await read_about(connection, settings), redis)
        except BaseException:
            await connection.close()
            raise

    async def head(self) -> LogHead | None:
        """Return where the log stands; None for one that was never created.

        Raises `DamagedControlError` where a control record cannot be read.
        """
        return replay(await self._control())

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """Return from where each partition is read on: all before that was fed."""
        rows = await self._rows("SELECT topic, partition, next_offset FROM positions")
        return {TopicPlace(topic, partition): offset for topic, partition, offset in rows}

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last fact or mark, -1 for none."""
        return self._about.ends[partition]

    async def customers(self) -> Sequence[CustomerId]:
        """Return every customer with a fact, in id order."""
        query = "SELECT customer_id::text FROM customers ORDER BY customer_id"
        return [row[0] for row in await self._rows(query)]

    async def customer_count(self) -> int:
        """Return how many customers have a fact, without looking at their facts."""
        return int((await self._rows("SELECT count(*) FROM customers"))[0][0])

    async def first_fact(self, customer_id: CustomerId) -> FactRecord | None:
        """Return a customer's first fact; None for a customer without any."""
        found = await self._facts('customer_id = %s ORDER BY "offset" LIMIT 1', (customer_id,))
        return found[0] if found else None

    async def slice(self, customer_id: CustomerId, up_to: int) -> Sequence[FactRecord]:
        """Return a customer's facts up to an offset, in order."""
        where = 'customer_id = %s AND "offset" <= %s ORDER BY "offset"'
        return await self._facts(where, (customer_id, up_to))

    async def marks(self, partition: int, up_to: int) -> Sequence[FactRecord]:
        """Return a partition's marks up to an offset, in order."""
        where = 'customer_id IS NULL AND partition = %s AND "offset" <= %s ORDER BY "offset"'
        return await self._facts(where, (partition, up_to))

    async def fact_count(self, partition: int) -> int:
        """Return how many facts were fed of a partition."""
        return self._about.facts[partition]

    async def mark_count(self, partition: int) -> int:
        """Return how many marks were fed of a partition."""
        return self._about.marks[partition]

    async def newest_facts(
        self, partition: int, limit: int, customer_id: CustomerId | None
    ) -> Sequence[FactRecord]:
        """Return the last facts of one customer (None: facts and marks of all), oldest first."""
        order = 'ORDER BY "offset" DESC LIMIT %s'
        if customer_id is None:
            found = await self._facts(f"partition = %s {order}", (partition, limit))
        else:
            found = await self._facts(f"customer_id = %s {order}", (customer_id, limit))
        return found[::-1]

    async def facts_behind(
        self, places: Mapping[CustomerId, int], types: Sequence[str]
    ) -> Sequence[FactRecord]:
        """Return facts of these types of some customers, each above an offset, as they came in."""
        query = f"""SELECT {tables.FACT_COLUMNS} FROM facts
        JOIN unnest(%s::uuid[], %s::bigint[]) AS asked (asked_for, place)
        ON customer_id = asked_for AND "offset" > place WHERE type = ANY(%s)
        ORDER BY appended, partition, "offset\""""
        values = ([*places], [*places.values()], [*types])
        return list(map(fact_of, await self._rows(query, values)))

    async def facts(self, partition: int, after: int) -> AsyncIterator[FactRecord]:
        """Iterate over facts and marks above an offset, in order."""
        where = 'partition = %s AND "offset" > %s ORDER BY "offset" LIMIT %s'
        while records := await self._facts(where, (partition, after, RECORDS_A_READ)):
            for record in records:
                yield record
            after = records[-1].offset

    async def control(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        return await self._control()

    async def control_count(self) -> int:
        """Return how many control records were fed."""
        return self._about.control

    async def outputs_of(
        self, customer_id: CustomerId, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of a customer, by sequence."""
        where = "customer_id = %s AND projection = %s AND sequence < %s"
        return await self._over_topics(where, (customer_id, projection, below))

    async def outputs_of_nobody(
        self, partition: int, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of no customer in a partition, by sequence."""
        where = "customer_id IS NULL AND projection = %s AND partition = %s AND sequence < %s"
        return await self._over_topics(where, (projection, partition, below))

    async def output_subjects(self, projection: str) -> Sequence[CustomerId]:
        """Return every customer of whom a projection said anything, in id order."""
        tops = tables.TOPIC_TABLES.values()
        query = " UNION ".join(
            f"SELECT customer_id FROM {table} WHERE projection = %s AND customer_id IS NOT NULL"
            for table in tops
        )
        rows = await self._rows(
            f"SELECT customer_id::text FROM ({query}) s ORDER BY customer_id",
            [projection] * len(tops),
        )
        return [row[0] for row in rows]

    async def snapshots(self, projection: str, partition: int) -> AsyncIterator[OutputRecord]:
        """Iterate over a projection's records of ``crm.snapshots`` in a partition, by sequence."""
        where = "projection = %s AND partition = %s AND sequence > %s ORDER BY sequence LIMIT %s"
        after = -1
        while records := await self._outputs(
            SNAPSHOTS, where, (projection, partition, after, RECORDS_A_READ)
        ):
            for record in records:
                yield record
            after = records[-1].sequence

    async def newest_outputs(
        self, topic: str, limit: int, customer_id: CustomerId | None
    ) -> Sequence[OutputRecord]:
        """Return the last records of a derived topic, of one customer or of all, oldest first."""
        if customer_id is not None:
            where = 'customer_id = %s ORDER BY sequence DESC, "offset" DESC LIMIT %s'
            return (await self._outputs(topic, where, (customer_id, limit)))[::-1]
        newest = [
            record
            for partition in range(self.partitions)
            for record in await self._outputs(
                topic, 'partition = %s ORDER BY "offset" DESC LIMIT %s', (partition, limit)
            )
        ]
        newest.sort(key=lambda record: (record.appended, record.partition, record.offset))
        return newest[-limit:]

    async def outputs_between(
        self, topic: str, projection: str, after: int, up_to: int
    ) -> Sequence[OutputRecord]:
        """Return what was said under a name with sequences above one and up to another, in order."""
        where = "projection = %s AND sequence > %s AND sequence <= %s ORDER BY sequence"
        return await self._outputs(topic, where, (projection, after, up_to))

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters with their bytes, newest first."""
        rows = await self._rows(f"SELECT {tables.LETTER_COLUMNS}, body {_NEWEST_LETTERS}", (limit,))
        return list(map(letter_of, rows))

    async def listed_letters(self, limit: int) -> Sequence[ListedLetter]:
        """Return the newest dead letters without reading their bytes, newest first."""
        query = f"SELECT {tables.LETTER_COLUMNS}, length(body) {_NEWEST_LETTERS}"
        return list(map(listed_letter_of, await self._rows(query, (limit,))))

    async def letter_counts(self) -> Mapping[str, int]:
        """Return how many dead letters there are of each reason."""
        query = "SELECT reason, count(*) FROM dead_letters GROUP BY 1 ORDER BY 1"
        return {reason.decode(): count for reason, count in await self._rows(query)}

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Return one dead letter by its id, or by an unambiguous beginning of it."""
        if "\x00" in letter_id:
            return None  # no id has that, and PostgreSQL would not hear of it
        query = (
            f"SELECT {tables.LETTER_COLUMNS}, body FROM dead_letters"
            " WHERE id >= %s AND starts_with(id, %s) ORDER BY id LIMIT 2"
        )
        rows = await self._rows(query, (letter_id, letter_id))
        return letter_of(rows[0]) if len(rows) == 1 else None

    async def tallies(self) -> dict[tuple[str, str], int]:
        """Return the counters of (source, what). Raises `RedisUnavailableError`."""
        if self._redis is None:
            return {}
        try:
            found = await self._redis.hgetall(f"holdfast:{{{self._about.log_id}}}:tallies")
        except (RedisError, OSError) as error:
            raise RedisUnavailableError(f"Redis does not serve the counters: {error}") from error
        counts = {
            msgspec.json.decode(field, type=tuple[str, str]): int(number)
            for field, number in found.items()
        }
        return dict(sorted(counts.items()))

    async def close(self) -> None:
        """Let go of the snapshot."""
        await self._connection.close()

    async def _facts(self, where: str, values: Sequence[object]) -> list[FactRecord]:
        query = f"SELECT {tables.FACT_COLUMNS} FROM facts WHERE {where}"
        return list(map(fact_of, await self._rows(query, values)))

    async def _outputs(
        self, topic: str, where: str, values: Sequence[object]
    ) -> list[OutputRecord]:
        query = (
            f"SELECT \"offset\", '{topic}', {tables.OUTPUT_COLUMNS}"
            f" FROM {tables.OUTPUT_TABLES[topic]} WHERE {where}"
        )
        return list(map(OutputRecord._make, await self._rows(query, values)))

    async def _over_topics(self, where: str, values: Sequence[object]) -> list[OutputRecord]:
        """Return the records of all derived topics that a condition picks, in one round trip."""
        each = [
            f"SELECT \"offset\", '{topic}', {tables.OUTPUT_COLUMNS} FROM {table} WHERE {where}"
            for topic, table in tables.TOPIC_TABLES.items()
        ]
        query = f"{' UNION ALL '.join(each)} ORDER BY sequence"
        return list(map(OutputRecord._make, await self._rows(query, [*values] * len(each))))

    async def _control(self) -> list[ControlRecord]:
        query = f'SELECT {tables.CONTROL_COLUMNS} FROM control ORDER BY "offset"'
        return list(map(ControlRecord._make, await self._rows(query)))

    async def _rows(
        self, query: str, values: Sequence[object] = ()
    ) -> list[Any]:  # each query has its own columns
        with explained(self._settings):
            async with self._connection.cursor(binary=True) as cursor:
                return await (await cursor.execute(query.encode(), values)).fetchall()
