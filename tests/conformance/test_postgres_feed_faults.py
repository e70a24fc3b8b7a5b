"""What becomes of a batch when PostgreSQL, the feed or somebody else fails in the middle of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from infra.archive.postgres import PostgresArchive
from infra.archive.postgres_about import ArchiveMissingError
from infra.archive.postgres_feed import (
    AlreadyFedError,
    Batch,
    FedTwiceError,
    OtherLogError,
    PostgresFeed,
    TopicPlace,
)
from infra.archive.postgres_tables import OtherArchiveError
from infra.log.memory import MemoryLog
from infra.postgres.connection import PostgresUnavailableError, open_postgres
from infra.postgres.settings import PostgresSettings
from tests.conformance.archives import all_of, schema_of
from tests.support.given import DAY, LOG, orders
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.world import World, awaited, world_of

FACTS = TopicPlace("crm.facts", 0)


@pytest.fixture
def settings(postgres_server: PostgresServer, tmp_path: Path) -> PostgresSettings:
    return postgres_server.settings(schema_of(tmp_path))


async def a_world() -> World:
    return await world_of(orders("anna", *range(DAY, DAY + 200, 10)))


@asynccontextmanager
async def feeding(settings: PostgresSettings) -> AsyncIterator[PostgresFeed]:
    feed = await PostgresFeed.open(settings)
    try:
        await feed.begin(LOG.log_id, 1)
        yield feed
    finally:
        await feed.close()


async def kept(settings: PostgresSettings) -> tuple[int, int, int]:
    """How many facts and marks, control records and outputs are there."""
    async with await open_postgres(settings) as connection:
        counts = [
            await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
            for table in ("facts", "control", "signals")
        ]
    return tuple(count[0] for count in counts)


def written(log: MemoryLog) -> tuple[int, int, int]:
    signals = [
        record
        for outputs in log.outputs.values()
        for record in outputs.values()
        if record.topic == "crm.signals"
    ]
    return len(log.storage.facts[0]), len(log.storage.control), len(signals)


@asynccontextmanager
async def positions_locked(settings: PostgresSettings) -> AsyncIterator[AsyncConnection]:
    """Nobody can write a position: a batch stands still after its COPY, before its commit."""
    async with await open_postgres(settings) as connection, connection.transaction():
        await connection.execute("LOCK TABLE positions IN SHARE MODE")
        yield connection


async def until_it_waits_for_the_lock(connection: AsyncConnection) -> int:
    """The process of the server that the feed speaks with, once its batch stands still."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = ANY(%s)"
    waiting = (
        "SELECT array_agg(pid) FROM pg_locks WHERE NOT granted AND relation = 'positions'::regclass"
    )
    while True:
        (pids,) = await (await connection.execute(waiting)).fetchone() or (None,)
        found = await (await connection.execute(query, (pids or [],))).fetchone()
        if found is not None:
            return int(found[0])
        await asyncio.sleep(0.01)


@awaited
async def test_a_batch_broken_off_between_copy_and_commit_leaves_nothing(
    settings: PostgresSettings,
) -> None:
    # given a batch that was copied and not committed
    log = (await a_world()).log
    async with feeding(settings) as feed, positions_locked(settings) as other:
        writing = asyncio.create_task(feed.write(all_of(log, {})))
        process = await until_it_waits_for_the_lock(other)

        # when its connection is killed
        await other.execute("SELECT pg_terminate_backend(%s)", (process,))
        with pytest.raises(PostgresUnavailableError):
            await writing

    # then nothing of it stands, and the next feed begins where this one did
    assert await kept(settings) == (0, 0, 0)
    feed = await PostgresFeed.open(settings)
    try:
        positions = await feed.begin(LOG.log_id, 1)
        assert positions == {}
        await feed.write(all_of(log, positions))
    finally:
        await feed.close()
    assert await kept(settings) == written(log)


@awaited
async def test_a_feed_that_is_cancelled_in_the_middle_leaves_nothing(
    settings: PostgresSettings,
) -> None:
    log = (await a_world()).log
    async with feeding(settings) as feed, positions_locked(settings) as other:
        writing = asyncio.create_task(feed.write(all_of(log, {})))
        await until_it_waits_for_the_lock(other)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    assert await kept(settings) == (0, 0, 0)


@awaited
async def test_outputs_and_letters_that_come_again_are_kept_once(
    settings: PostgresSettings,
) -> None:
    log = (await a_world()).log
    async with feeding(settings) as feed:
        batch = all_of(log, {})
        await feed.write(batch)
        again = all_of(log, batch.positions)
        assert (again.facts, again.control) == ({}, [])
        await feed.write(again)
        await feed.write(Batch({FACTS: 1}, outputs=[*batch.outputs, *batch.outputs]))

    assert await kept(settings) == written(log)


@awaited
async def test_a_fact_that_stands_already_is_refused_loudly(settings: PostgresSettings) -> None:
    log = (await a_world()).log
    async with feeding(settings) as feed:
        await feed.write(all_of(log, {}))

        with pytest.raises(FedTwiceError, match="beyond its own position"):
            await feed.write(all_of(log, {}))

    assert await kept(settings) == written(log)


@awaited
async def test_one_feeds_at_a_time_and_the_next_one_once_it_is_gone(
    settings: PostgresSettings,
) -> None:
    async with feeding(settings):
        with pytest.raises(AlreadyFedError, match="stands by until it ends"):
            await PostgresFeed.open(settings)

    async with feeding(settings):
        assert await kept(settings) == (0, 0, 0)


@awaited
async def test_another_log_is_refused(settings: PostgresSettings) -> None:
    async with feeding(settings) as feed:
        with pytest.raises(OtherLogError, match=f"holds log {LOG.log_id} of 1 partitions"):
            await feed.begin("another", 1)
        with pytest.raises(OtherLogError, match="of 64: check HOLDFAST_KAFKA"):
            await feed.begin(LOG.log_id, 64)


@awaited
async def test_an_archive_that_was_never_fed_is_told_from_an_empty_log(
    settings: PostgresSettings,
) -> None:
    with pytest.raises(ArchiveMissingError, match="`holdfast archive` does that"):
        await PostgresArchive.open(settings)


@awaited
async def test_an_archive_of_another_layout_is_refused(settings: PostgresSettings) -> None:
    async with feeding(settings):
        pass
    async with await open_postgres(settings) as connection:
        await connection.execute("UPDATE archive SET value = '9' WHERE name = 'version'")

    with pytest.raises(OtherArchiveError, match="has layout 9, this release reads 1"):
        await PostgresArchive.open(settings)
    with pytest.raises(OtherArchiveError, match="use the release that made it"):
        await PostgresFeed.open(settings)


@awaited
async def test_what_was_written_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    server = postgres_in(tmp_path)
    server.start()
    try:
        log = (await a_world()).log
        async with feeding(server.settings()) as feed:
            batch = all_of(log, {})
            await feed.write(batch)
            server.kill()
            with pytest.raises(PostgresUnavailableError, match="does not serve"):
                await feed.write(all_of(log, batch.positions))
        server.start()

        assert await kept(server.settings()) == written(log)
        async with feeding(server.settings()) as feed:
            assert await feed.begin(LOG.log_id, 1) == batch.positions
    finally:
        server.stop()
