"""The tables of ``log.db`` and the statements on them. Synchronous, on one connection."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import starmap

from events.catalogue import DERIVED_TOPICS, TASKS
from infra.log.feeds import Arrival
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord

VERSION = 1

TOPIC_TABLES = {topic: topic.removeprefix("crm.") for topic in DERIVED_TOPICS}
"""The tables of what projections say."""

_TABLES = {**TOPIC_TABLES, TASKS: "tasks"}

_DERIVED = """
CREATE TABLE {table} (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, projection TEXT NOT NULL, partition INTEGER NOT NULL,
    sequence INTEGER NOT NULL, type TEXT NOT NULL, customer_id TEXT, day INTEGER,
    emission TEXT NOT NULL, appended INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (projection, partition, sequence));
CREATE INDEX {table}_by_customer ON {table} (customer_id, sequence);
"""

ARRIVALS = """
CREATE TABLE IF NOT EXISTS arrivals (
    service TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (service, day)) WITHOUT ROWID;
"""

TASK_TABLE = """
CREATE TABLE IF NOT EXISTS tasks (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, projection TEXT NOT NULL, partition INTEGER NOT NULL,
    sequence INTEGER NOT NULL, type TEXT NOT NULL, customer_id TEXT, day INTEGER,
    emission TEXT NOT NULL, appended INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (projection, partition, sequence));
"""

SCHEMA = (
    """
CREATE TABLE facts (
    offset INTEGER PRIMARY KEY, type TEXT NOT NULL, customer_id TEXT, source TEXT, id TEXT,
    time INTEGER NOT NULL, day INTEGER, appended INTEGER NOT NULL, data BLOB NOT NULL,
    digest BLOB NOT NULL);
CREATE INDEX facts_by_customer ON facts (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX marks ON facts (offset) WHERE customer_id IS NULL;
CREATE TABLE control (
    offset INTEGER PRIMARY KEY, type TEXT NOT NULL, appended INTEGER NOT NULL, data BLOB NOT NULL,
    digest BLOB NOT NULL);
CREATE TABLE claims (claim BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE imports (import_id TEXT PRIMARY KEY, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    place TEXT NOT NULL, mend TEXT NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX dead_letters_by_age ON dead_letters (received DESC, id);
CREATE INDEX dead_letters_by_reason ON dead_letters (reason);
CREATE TABLE tallies (
    source TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, what));
"""
    + ARRIVALS
    + TASK_TABLE
    + "".join(_DERIVED.format(table=table) for table in TOPIC_TABLES.values())
)

FACT_COLUMNS = "offset, type, customer_id, source, id, time, day, appended, data, digest"
OUTPUT_COLUMNS = "projection, partition, sequence, type, customer_id, day, emission, appended, data"
_CLAIMS_A_QUERY = 1000
_FACT_FIELDS = FACT_COLUMNS.count(",") + 1


class SqliteStorage:
    """`LogStorage` on a connection that is inside a transaction."""

    partitions = 1

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._next_offset = last_offset(connection, "facts") + 1

    def next_offset(self, partition: int) -> int:
        """Return the offset that the next record of a facts partition gets."""
        return self._next_offset

    def next_control_offset(self) -> int:
        """Return the offset that the next control record gets."""
        return last_offset(self._connection, "control") + 1

    def add_facts(self, partition: int, records: Sequence[FactRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        self._next_offset += len(records)
        rows = (record[:_FACT_FIELDS] for record in records)
        self._connection.executemany("INSERT INTO facts VALUES (?,?,?,?,?,?,?,?,?,?)", rows)

    def add_control(self, records: Sequence[ControlRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        self._connection.executemany("INSERT INTO control VALUES (?,?,?,?,?)", records)

    def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        return read_claims(self._connection, claims)

    def add_claims(self, claims: Sequence[tuple[bytes, bytes]]) -> None:
        """Insert (claim, body digest) pairs, none of which stands."""
        self._connection.executemany("INSERT INTO claims VALUES (?,?)", sorted(claims))

    def import_done(self, import_id: str) -> int:
        """Return how many facts of an import are behind it, 0 for an unknown one."""
        query = "SELECT done FROM imports WHERE import_id = ?"
        row = self._connection.execute(query, (import_id,)).fetchone()
        return 0 if row is None else int(row[0])

    def set_import_done(self, import_id: str, done: int) -> None:
        """Keep how many facts of an import are behind it."""
        self._connection.execute("INSERT OR REPLACE INTO imports VALUES (?, ?)", (import_id, done))

    def arrivals(self) -> set[Arrival]:
        """Return the days of scheduled feeds that came and are not closed yet."""
        rows = self._connection.execute("SELECT service, day FROM arrivals")
        return set(map(Arrival._make, rows))

    def set_arrivals(self, arrivals: AbstractSet[Arrival]) -> None:
        """Keep just these: a few, as a day is forgotten once it is closed."""
        self._connection.execute("DELETE FROM arrivals")
        self._connection.executemany("INSERT INTO arrivals VALUES (?,?)", sorted(arrivals))


def last_offset(connection: sqlite3.Connection, table: str) -> int:
    """Return the highest offset of a table, -1 for an empty one."""
    row = connection.execute(f"SELECT max(offset) FROM {table}").fetchone()
    return -1 if row[0] is None else int(row[0])


def read_claims(connection: sqlite3.Connection, claims: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the body digest of each claim that stands."""
    found: dict[bytes, bytes] = {}
    ordered = sorted(claims)  # a claim is random: in order, each page of the tree is met once
    for start in range(0, len(ordered), _CLAIMS_A_QUERY):
        some = ordered[start : start + _CLAIMS_A_QUERY]
        marks = ",".join("?" * len(some))
        query = f"SELECT claim, body FROM claims WHERE claim IN ({marks})"
        found.update(connection.execute(query, some))
    return found


def read_facts(connection: sqlite3.Connection, after: int, limit: int) -> list[FactRecord]:
    """Return facts and marks above an offset, in order."""
    rows = connection.execute(
        f"SELECT {FACT_COLUMNS} FROM facts WHERE offset > ? ORDER BY offset LIMIT ?",
        (after, limit),
    )
    return list(starmap(FactRecord, rows))


def read_control(connection: sqlite3.Connection) -> list[ControlRecord]:
    """Return all control records in order."""
    rows = connection.execute(
        "SELECT offset, type, appended, data, digest FROM control ORDER BY offset"
    )
    return list(map(ControlRecord._make, rows))


def insert_outputs(connection: sqlite3.Connection, records: Iterable[OutputRecord]) -> None:
    """Insert outputs into their topics; a sequence that stands already is left alone."""
    by_topic: dict[str, list[tuple[object, ...]]] = {}
    for record in records:
        by_topic.setdefault(record.topic, []).append(record[2:])
    for topic, rows in by_topic.items():
        connection.executemany(
            f"INSERT OR IGNORE INTO {_TABLES[topic]} ({OUTPUT_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
            rows,
        )


def read_outputs(
    connection: sqlite3.Connection, topic: str, where: str, values: Sequence[object]
) -> list[OutputRecord]:
    """Return the records of a derived topic that a condition picks."""
    query = f"SELECT offset, '{topic}', {OUTPUT_COLUMNS} FROM {_TABLES[topic]} WHERE {where}"
    return list(map(OutputRecord._make, connection.execute(query, values)))


def insert_dead_letters(connection: sqlite3.Connection, letters: Iterable[DeadLetter]) -> None:
    """Insert dead letters; one that stands already is left alone."""
    connection.executemany(
        "INSERT OR IGNORE INTO dead_letters VALUES (?,?,?,?,?,?,?,?)",
        [
            (
                letter.id,
                letter.source,
                letter.reason,
                letter.detail,
                letter.place,
                letter.mend,
                letter.received,
                letter.body,
            )
            for letter in letters
        ],
    )


def add_tallies(connection: sqlite3.Connection, tallies: Mapping[tuple[str, str], int]) -> None:
    """Add to the counters of (source, what)."""
    connection.executemany(
        "INSERT INTO tallies VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [(source, what, number) for (source, what), number in tallies.items()],
    )
