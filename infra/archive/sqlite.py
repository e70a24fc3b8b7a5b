"""The fact archive of embedded mode: a read snapshot of ``log.db`` itself."""

from collections.abc import AsyncIterator, Mapping, Sequence
from heapq import merge
from itertools import starmap
from pathlib import Path
from typing import Any, Self

from events.catalogue import SNAPSHOTS
from events.values import CustomerId
from infra.archive.port import ListedLetter
from infra.log import sqlite_tables as tables
from infra.log.head import LogHead, replay
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord
from infra.sqlite.connection import explained, open_reader

_RECORDS_A_READ = 5000
_LETTER = "id, source, reason, detail, place, mend, received"
_LETTER_COLUMNS = f"{_LETTER}, body"
_NEWEST_LETTERS = "FROM dead_letters ORDER BY received DESC, id LIMIT ?"
_CUSTOMER_COUNT = """
WITH RECURSIVE each_customer(name) AS (
    SELECT min(customer_id) FROM facts WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT (SELECT min(customer_id) FROM facts WHERE customer_id > name)
    FROM each_customer WHERE name IS NOT NULL)
SELECT count(name) FROM each_customer
"""  # leaps from one customer to the next: the log grows for ever, its customers hardly do


class SqliteArchive:
    """`FactArchive` on one read transaction: writers go on, this reader sees none of it."""

    partitions = 1
    dense = True

    def __init__(self, path: Path) -> None:
        """Raise `StoreError` where the file is missing or cannot be used."""
        self._path = path
        self._connection = open_reader(path, tables.VERSION)
        try:
            self._rows("BEGIN")
            self._rows("SELECT count(*) FROM control")
        except BaseException:
            self._connection.close()
            raise

    @property
    def claims(self) -> Self:
        """The claims of all facts, which are kept for ever."""
        return self

    async def head(self) -> LogHead | None:
        """Return where the log stands; None for one that was never created.

        Raises `DamagedControlError` where a control record cannot be read.
        """
        return replay(self._control())

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """Return nothing: the archive is the log itself."""
        return {}

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last fact or mark, -1 for none."""
        with explained(self._path):
            return tables.last_offset(self._connection, "facts")

    async def customers(self) -> Sequence[CustomerId]:
        """Return every customer with a fact, in id order."""
        query = "SELECT DISTINCT customer_id FROM facts WHERE customer_id IS NOT NULL ORDER BY 1"
        return [row[0] for row in self._rows(query)]

    async def customer_count(self) -> int:
        """Return how many customers have a fact, without looking at all facts."""
        return int(self._rows(_CUSTOMER_COUNT)[0][0])

    async def first_fact(self, customer_id: CustomerId) -> FactRecord | None:
        """Return a customer's first fact; None for a customer without any."""
        found = self._facts("customer_id = ? ORDER BY offset LIMIT 1", (customer_id,))
        return found[0] if found else None

    async def slice(self, customer_id: CustomerId, up_to: int) -> Sequence[FactRecord]:
        """Return a customer's facts up to an offset, in order."""
        return self._facts("customer_id = ? AND offset <= ? ORDER BY offset", (customer_id, up_to))

    async def marks(self, partition: int, up_to: int) -> Sequence[FactRecord]:
        """Return the marks up to an offset, in order."""
        return self._facts("customer_id IS NULL AND offset <= ? ORDER BY offset", (up_to,))

    async def fact_count(self, partition: int) -> int:
        """Return how many facts there are."""
        return await self.end_offset(partition) + 1 - await self.mark_count(partition)

    async def mark_count(self, partition: int) -> int:
        """Return how many marks there are."""
        return int(self._rows("SELECT count(*) FROM facts WHERE customer_id IS NULL")[0][0])

    async def newest_facts(
        self, partition: int, limit: int, customer_id: CustomerId | None
    ) -> Sequence[FactRecord]:
        """Return the last facts of one customer (None: facts and marks of all), oldest first."""
        if customer_id is None:
            return self._facts("TRUE ORDER BY offset DESC LIMIT ?", (limit,))[::-1]
        where = "customer_id = ? ORDER BY offset DESC LIMIT ?"
        return self._facts(where, (customer_id, limit))[::-1]

    async def facts(self, partition: int, after: int) -> AsyncIterator[FactRecord]:
        """Iterate over facts and marks above an offset, in order."""
        while records := self._facts(
            "offset > ? ORDER BY offset LIMIT ?", (after, _RECORDS_A_READ)
        ):
            for record in records:
                yield record
            after = records[-1].offset

    async def control(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        return self._control()

    async def control_count(self) -> int:
        """Return how many control records were written."""
        with explained(self._path):
            return tables.last_offset(self._connection, "control") + 1

    async def outputs_of(
        self, customer_id: CustomerId, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of a customer, by sequence."""
        where = "customer_id = ? AND projection = ? AND sequence < ? ORDER BY sequence"
        return self._over_topics(where, (customer_id, projection, below))

    async def outputs_of_nobody(
        self, partition: int, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of no customer in a partition, by sequence."""
        where = (
            "customer_id IS NULL AND +projection = ? AND +partition = ? AND sequence < ?"
            " ORDER BY sequence"
        )  # a plus keeps SQLite from the index by projection, which leads past everybody's outputs
        return self._over_topics(where, (projection, partition, below))

    async def output_subjects(self, projection: str) -> Sequence[CustomerId]:
        """Return every customer of whom a projection said anything, in id order."""
        query = " UNION ".join(
            f"SELECT customer_id FROM {table} WHERE projection = ?1 AND customer_id IS NOT NULL"
            for table in tables.TOPIC_TABLES.values()
        )
        return [row[0] for row in self._rows(f"{query} ORDER BY 1", (projection,))]

    async def snapshots(self, projection: str, partition: int) -> AsyncIterator[OutputRecord]:
        """Iterate over a projection's records of ``crm.snapshots`` in a partition, by sequence."""
        where = "projection = ? AND partition = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        after = -1
        while records := self._outputs(
            SNAPSHOTS, where, (projection, partition, after, _RECORDS_A_READ)
        ):
            for record in records:
                yield record
            after = records[-1].sequence

    async def newest_outputs(
        self, topic: str, limit: int, customer_id: CustomerId | None
    ) -> Sequence[OutputRecord]:
        """Return the last records of a derived topic, of one customer or of all, oldest first."""
        if customer_id is None:
            return self._outputs(topic, "TRUE ORDER BY offset DESC LIMIT ?", (limit,))[::-1]
        where = "customer_id = ? ORDER BY offset DESC LIMIT ?"
        return self._outputs(topic, where, (customer_id, limit))[::-1]

    async def outputs_between(
        self, topic: str, projection: str, after: int, up_to: int
    ) -> Sequence[OutputRecord]:
        """Return what was said under a name with sequences above one and up to another, in order."""
        where = (
            "projection = ? AND partition = 0 AND sequence > ? AND sequence <= ? ORDER BY sequence"
        )
        return self._outputs(topic, where, (projection, after, up_to))

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters with their bytes, newest first."""
        rows = self._rows(f"SELECT {_LETTER_COLUMNS} {_NEWEST_LETTERS}", (limit,))
        return [DeadLetter(*row) for row in rows]

    async def listed_letters(self, limit: int) -> Sequence[ListedLetter]:
        """Return the newest dead letters without reading their bytes, newest first."""
        rows = self._rows(f"SELECT {_LETTER}, length(body) {_NEWEST_LETTERS}", (limit,))
        return list(map(ListedLetter._make, rows))

    async def letter_counts(self) -> Mapping[str, int]:
        """Return how many dead letters there are of each reason."""
        return dict(self._rows("SELECT reason, count(*) FROM dead_letters GROUP BY 1 ORDER BY 1"))

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Return one dead letter by its id, or by an unambiguous beginning of it."""
        where = "id >= ?1 AND id < ?1 || char(0x10FFFF) AND substr(id, 1, length(?1)) = ?1"
        query = f"SELECT {_LETTER_COLUMNS} FROM dead_letters WHERE {where} LIMIT 2"
        rows = self._rows(query, (letter_id,))
        return DeadLetter(*rows[0]) if len(rows) == 1 else None

    async def tallies(self) -> dict[tuple[str, str], int]:
        """Return the counters of (source, what)."""
        rows = self._rows("SELECT source, what, count FROM tallies ORDER BY 1, 2")
        return {(source, what): count for source, what, count in rows}

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each of these claims that stands."""
        with explained(self._path):
            return tables.read_claims(self._connection, claims)

    async def claim_count(self) -> int:
        """Return how many claims stand."""
        return int(self._rows("SELECT count(*) FROM claims")[0][0])

    async def close(self) -> None:
        """Let go of the snapshot."""
        self._connection.close()

    def _facts(self, where: str, values: Sequence[object]) -> list[FactRecord]:
        query = f"SELECT {tables.FACT_COLUMNS} FROM facts WHERE {where}"
        return list(starmap(FactRecord, self._rows(query, values)))

    def _outputs(self, topic: str, where: str, values: Sequence[object]) -> list[OutputRecord]:
        with explained(self._path):
            return tables.read_outputs(self._connection, topic, where, values)

    def _over_topics(self, where: str, values: Sequence[object]) -> list[OutputRecord]:
        by_topic = [self._outputs(topic, where, values) for topic in tables.TOPIC_TABLES]
        return list(merge(*by_topic, key=lambda record: record.sequence))

    def _control(self) -> list[ControlRecord]:
        with explained(self._path):
            return tables.read_control(self._connection)

    def _rows(
        self, query: str, values: Sequence[object] = ()
    ) -> list[Any]:  # each query has its own columns
        with explained(self._path):
            return self._connection.execute(query, values).fetchall()
