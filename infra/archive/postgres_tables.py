"""The tables of the archive in PostgreSQL, and what their columns are.

Texts that senders choose are kept as the bytes of their UTF-8: they may hold what a ``text`` may not.
"""

from psycopg import AsyncConnection

from events.catalogue import DERIVED_TOPICS, TASKS
from infra.mendable import MendableError

VERSION = "1"

TOPIC_TABLES = {topic: topic.removeprefix("crm.") for topic in DERIVED_TOPICS}
"""What is said of customers."""

OUTPUT_TABLES = {**TOPIC_TABLES, TASKS: "tasks"}
"""Everything that is said inside, of tasks too."""

_DERIVED = """
CREATE TABLE {table} (
    "offset" bigint NOT NULL, sequence bigint NOT NULL, appended bigint NOT NULL,
    partition int NOT NULL, day int, customer_id uuid, projection text NOT NULL,
    type text NOT NULL, emission text NOT NULL, data bytea NOT NULL,
    PRIMARY KEY (projection, partition, sequence));
CREATE INDEX {table}_by_customer ON {table} (customer_id, sequence) WHERE customer_id IS NOT NULL;
CREATE INDEX {table}_of_nobody ON {table} (projection, partition, sequence)
    WHERE customer_id IS NULL;
CREATE INDEX {table}_by_place ON {table} (partition, "offset");
"""

_TASKS = """
CREATE TABLE IF NOT EXISTS tasks (LIKE signals);
CREATE UNIQUE INDEX IF NOT EXISTS tasks_once ON tasks (projection, partition, sequence);
CREATE INDEX IF NOT EXISTS tasks_in_order ON tasks (projection, sequence);
CREATE INDEX IF NOT EXISTS tasks_by_place ON tasks (partition, "offset");
"""
"""Made beside an archive that was fed before there were tasks."""

_SCHEMA = """
CREATE TABLE archive (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE positions (
    topic text, partition int, next_offset bigint NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE fed (
    topic text, partition int, end_offset bigint NOT NULL, others bigint NOT NULL,
    marks bigint NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE customers (customer_id uuid PRIMARY KEY);
CREATE TABLE facts (
    "offset" bigint NOT NULL, time bigint NOT NULL, appended bigint NOT NULL,
    partition int NOT NULL, day int, customer_id uuid, type text NOT NULL, source bytea, id bytea,
    data bytea NOT NULL, digest bytea NOT NULL, PRIMARY KEY (partition, "offset"));
CREATE INDEX facts_by_customer ON facts (customer_id, "offset") WHERE customer_id IS NOT NULL;
CREATE INDEX facts_marks ON facts (partition, "offset") WHERE customer_id IS NULL;
CREATE TABLE control (
    "offset" bigint PRIMARY KEY, type text NOT NULL, appended bigint NOT NULL, data bytea NOT NULL,
    digest bytea NOT NULL);
CREATE TABLE dead_letters (
    id text COLLATE "C" PRIMARY KEY, received bigint NOT NULL, source bytea NOT NULL,
    reason bytea NOT NULL, detail bytea NOT NULL, place bytea NOT NULL, mend bytea NOT NULL,
    body bytea NOT NULL);
CREATE INDEX dead_letters_by_age ON dead_letters (received DESC, id);
CREATE INDEX dead_letters_by_reason ON dead_letters (reason);
""" + "".join(_DERIVED.format(table=table) for table in TOPIC_TABLES.values())

FACT_COLUMNS = '"offset", type, customer_id::text, source, id, time, day, appended, data, digest'  # as FactRecord
CONTROL_COLUMNS = '"offset", type, appended, data, digest'
OUTPUT_COLUMNS = (
    "projection, partition, sequence, type, customer_id::text, day, emission, appended, data"
)
LETTER_COLUMNS = "id, source, reason, detail, place, mend, received"


class OtherArchiveError(MendableError):
    """The schema holds an archive of another layout."""


async def create_tables(connection: AsyncConnection) -> None:
    """Make the tables where they are missing, inside a transaction. Raises `OtherArchiveError`."""
    if not await has_tables(connection):
        await connection.execute(_SCHEMA)
        await connection.execute("INSERT INTO archive VALUES ('version', %s)", (VERSION,))
    await connection.execute(_TASKS)


async def has_tables(connection: AsyncConnection) -> bool:
    """Tell whether the schema holds an archive. Raises `OtherArchiveError` for another layout."""
    found = await (await connection.execute("SELECT to_regclass('archive') IS NOT NULL")).fetchone()
    if found is None or not found[0]:
        return False
    version = (await read_about(connection)).get("version")
    if version != VERSION:
        raise OtherArchiveError(
            f"the archive in PostgreSQL has layout {version}, this release reads {VERSION}; use the"
            " release that made it, or name another schema by HOLDFAST_POSTGRES_DB_SCHEMA and let"
            " `holdfast archive` feed that from the beginning"
        )
    return True


async def read_about(connection: AsyncConnection) -> dict[str, str]:
    """Return what the archive says of itself: its layout, its log and how many partitions that has."""
    rows = await (await connection.execute("SELECT name, value FROM archive")).fetchall()
    return dict(rows)
