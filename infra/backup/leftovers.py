"""What was made from a log, and would not fit it once it is restored: positions are offsets that are gone."""

from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed, Identifier
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.catalogue import OUTPUT_TOPICS
from infra.archive.postgres_tables import read_about
from infra.log.kafka_fetching import KafkaFetcher
from infra.mendable import MendableError
from infra.postgres.connection import explained, open_postgres
from infra.postgres.settings import PostgresSettings
from infra.redis.connection import RedisUnavailableError

KEYS_A_SCAN = 10_000


class LeftoverError(MendableError):
    """Something of the log before still stands; the message says how to remove it."""


async def refuse_outputs(fetcher: KafkaFetcher) -> None:
    """Raise `LeftoverError` where a derived topic, or ``crm.tasks``, was ever written to."""
    for topic in OUTPUT_TOPICS:
        ends = await fetcher.ends(topic, range(fetcher.partitions(topic)))
        if any(ends.values()):
            raise LeftoverError(
                f"{topic} is not empty: what it holds is told apart by offsets of a log that is gone."
                " Stop every service, delete the topics, give `holdfast topics apply`, restore again"
            )


async def refuse_states(client: Redis, log_id: str) -> None:
    """Raise `LeftoverError` where Redis holds anything of this log."""
    pattern = f"holdfast:{{{log_id}*"
    try:
        async for _ in client.scan_iter(pattern, count=KEYS_A_SCAN):
            raise LeftoverError(
                f"Redis holds keys of log {log_id}, which belong to offsets that are gone. Stop every"
                f" service, remove them (redis-cli --scan --pattern '{pattern}' | xargs redis-cli"
                " unlink), restore again: they are folded anew"
            )
    except (RedisError, OSError) as error:
        raise RedisUnavailableError(f"Redis does not answer: {error}; is it up?") from error


async def refuse_archive(settings: PostgresSettings) -> None:
    """Raise `LeftoverError` where PostgreSQL holds an archive, a desk, rows of it, or a course."""
    connection = await open_postgres(settings)
    try:
        with explained(settings):
            holds = (
                await _holds_archive(connection)
                or await _holds(connection, "course")
                or await _holds(connection, "stored_events")
                or await _holds(connection, "console_positions")
            )
    finally:
        await connection.close()
    if holds:
        raise LeftoverError(
            f"schema {settings.db_schema} at {settings.url} holds what was archived, learned or decided,"
            f" which belongs to offsets that are gone. Stop every service, DROP SCHEMA {settings.db_schema}"
            " CASCADE, restore again: it is fed and learned anew, and tasks are in the backup"
        )


async def _holds_archive(connection: AsyncConnection) -> bool:
    there = await _one(connection, SQL("SELECT to_regclass('archive') IS NOT NULL"))
    return there and "log_id" in await read_about(connection)


async def _holds(connection: AsyncConnection, table: LiteralString) -> bool:
    there = await _one(connection, SQL("SELECT to_regclass({}) IS NOT NULL").format(table))
    held = SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(table))
    return there and await _one(connection, held)


async def _one(connection: AsyncConnection, question: SQL | Composed) -> bool:
    row = await (await connection.execute(question)).fetchone()
    return row is not None and bool(row[0])
