"""`PostgresCourseStore` when the server is restarted, killed, gone, or holds what cannot be read."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest

from infra.course.port import Progress
from infra.course.postgres import CourseUnreadableError, PostgresCourseStore
from infra.postgres.connection import PostgresUnavailableError
from infra.postgres.settings import PostgresSettings
from tests.conformance.test_course_store import NEXT, START
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.world import PROJECTION, awaited

_schemas = itertools.count()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[PostgresServer]:
    """A server that a test may kill."""
    server = postgres_in(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(postgres_server: PostgresServer) -> PostgresSettings:
    """A schema that no other test has."""
    return postgres_server.settings(f"course_faults_{next(_schemas)}")


@asynccontextmanager
async def opened(
    settings: PostgresSettings, projection: str = PROJECTION
) -> AsyncIterator[PostgresCourseStore]:
    store = await PostgresCourseStore.open(settings, projection)
    try:
        yield store
    finally:
        await store.close()


@awaited
async def test_a_restart_between_two_days_goes_unnoticed(own: PostgresServer) -> None:
    async with opened(own.settings()) as store:
        await store.commit(START)
        own.stop()
        own.start()

        await store.commit(NEXT)
        own.stop()
        own.start()

        assert await store.load() == NEXT


@awaited
async def test_a_day_that_was_committed_outlives_a_kill(own: PostgresServer) -> None:
    async with opened(own.settings()) as store:
        for day in range(20):
            await store.commit(msgspec.structs.replace(NEXT, day=day))
        own.kill()
    own.start()

    async with opened(own.settings()) as store:
        assert await store.load() == msgspec.structs.replace(NEXT, day=19)


@awaited
async def test_a_server_that_is_gone_is_said_and_found_again(own: PostgresServer) -> None:
    async with opened(own.settings()) as store:
        await store.commit(START)
        own.kill()

        for use in (store.load, lambda: store.commit(NEXT), store.load):
            with pytest.raises(PostgresUnavailableError, match=f"127.0.0.1:{own.port}.*is it up"):
                await use()
        with pytest.raises(PostgresUnavailableError, match="is it up"):
            await PostgresCourseStore.open(own.settings(), PROJECTION)
        own.start()

        assert await store.load() == START
        await store.commit(NEXT)
        assert await store.load() == NEXT


@awaited
async def test_each_projection_and_each_schema_has_a_course_of_its_own(
    postgres_server: PostgresServer, settings: PostgresSettings
) -> None:
    elsewhere = postgres_server.settings(f"course_faults_{next(_schemas)}")
    async with (
        opened(settings) as first,
        opened(settings, "second") as second,
        opened(elsewhere) as other,
    ):
        await first.commit(START)
        await second.commit(NEXT)

        found = [await store.load() for store in (first, second, other)]

    assert found == [START, NEXT, None]


@awaited
async def test_many_may_make_schema_and_table_at_once(settings: PostgresSettings) -> None:
    async def first_commit(number: int) -> Progress | None:
        async with opened(settings, f"projection {number}") as store:
            await store.commit(NEXT)
            return await store.load()

    assert await asyncio.gather(*map(first_commit, range(8))) == [NEXT] * 8


@awaited
async def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(
    settings: PostgresSettings,
) -> None:
    with psycopg.connect(settings.conninfo, autocommit=True) as connection:
        connection.execute("ALTER ROLE postgres SET synchronous_commit TO off")
        try:
            async with opened(settings) as store:
                shown = await store._connection.execute("SHOW synchronous_commit")
                assert await shown.fetchone() == ("on",)
        finally:
            connection.execute("ALTER ROLE postgres RESET synchronous_commit")


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"day":', b"\xff"])
@awaited
async def test_a_course_that_cannot_be_read_is_said(
    settings: PostgresSettings, damage: bytes
) -> None:
    async with opened(settings) as store:
        await store.commit(START)
        with psycopg.connect(settings.conninfo, autocommit=True) as connection:
            connection.execute("UPDATE course SET progress = %s", (damage,))

        with pytest.raises(
            CourseUnreadableError, match=r"of first cannot be read .* delete its row"
        ):
            await store.load()

        await store.commit(NEXT)
        assert await store.load() == NEXT
