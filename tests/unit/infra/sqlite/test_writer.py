"""The writer thread: shared commits, jobs that fail alone, and a state that commits with them."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from infra.sqlite.writer import GroupCommitWriter

Job = Callable[[sqlite3.Connection, int], tuple[int, int]]


class UnavailableError(Exception):
    """What callers are told where SQLite fails."""


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[GroupCommitWriter[int], sqlite3.Connection]]:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    writer = GroupCommitWriter(connection, 0, lambda error: UnavailableError(str(error)))
    try:
        yield writer, connection
    finally:
        await asyncio.to_thread(writer.close)


def insert(number: int, connection: sqlite3.Connection, count: int) -> tuple[int, int]:
    connection.execute("INSERT INTO numbers VALUES (?)", (number,))
    return count + 1, number


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT number FROM numbers ORDER BY 1")]


async def group(writer: GroupCommitWriter[int], *jobs: Job) -> list[int | BaseException]:
    """Hand in jobs while the thread is held up, so that they share one commit."""
    held, go = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection, count: int) -> tuple[int, None]:
        held.set()
        go.wait(10)
        return count, None

    holding = asyncio.create_task(writer.submit(hold))
    await asyncio.to_thread(held.wait, 10)
    tasks = [asyncio.create_task(writer.submit(job)) for job in jobs]
    await asyncio.sleep(0)
    go.set()
    await holding
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_a_group_commits_once() -> None:
    async def scenario() -> None:
        async with opened() as (writer, connection):
            statements: list[str] = []
            connection.set_trace_callback(statements.append)

            assert await group(writer, *[partial(insert, n) for n in range(5)]) == [0, 1, 2, 3, 4]

            assert statements.count("COMMIT") == 2, "one for who held it up, one for the five"
            assert writer.state == 5

    asyncio.run(scenario())


def test_a_job_that_raises_takes_nothing_else_with_it() -> None:
    def half_done(connection: sqlite3.Connection, count: int) -> tuple[int, int]:
        insert(77, connection, count)
        raise KeyError("a mistake of the caller")

    async def scenario() -> None:
        async with opened() as (writer, connection):
            first, failed, last = await group(
                writer, partial(insert, 1), half_done, partial(insert, 2)
            )

            assert (first, last) == (1, 2)
            assert isinstance(failed, KeyError)
            assert numbers(connection) == [1, 2]
            assert writer.state == 2

    asyncio.run(scenario())


def test_a_broken_rule_of_a_table_is_the_jobs_own_failure() -> None:
    async def scenario() -> None:
        async with opened() as (writer, connection):
            first, failed, last = await group(
                writer,
                partial(insert, 1),
                partial(insert, 1),
                partial(insert, 2),
            )

            assert (first, last) == (1, 2)
            assert isinstance(failed, sqlite3.IntegrityError)
            assert numbers(connection) == [1, 2]

    asyncio.run(scenario())


def test_a_failure_of_sqlite_itself_is_told_to_the_whole_group_and_leaves_nothing() -> None:
    def full(_: sqlite3.Connection, __: int) -> tuple[int, int]:
        raise sqlite3.OperationalError("database or disk is full")

    async def scenario() -> None:
        async with opened() as (writer, connection):
            results = await group(writer, partial(insert, 1), full)

            assert [str(result) for result in results] == ["database or disk is full"] * 2
            assert all(isinstance(result, UnavailableError) for result in results)
            assert numbers(connection) == []
            assert writer.state == 0
            assert await writer.submit(partial(insert, 2)) == 2

    asyncio.run(scenario())


def test_a_state_is_seen_only_once_it_is_committed() -> None:
    async def scenario() -> None:
        async with opened() as (writer, _):
            seen: list[int] = []

            def look(connection: sqlite3.Connection, count: int) -> tuple[int, int]:
                seen.append(writer.state)
                return insert(1, connection, count)

            await writer.submit(look)
            assert (seen, writer.state) == ([0], 1)

    asyncio.run(scenario())


def test_what_was_handed_in_before_closing_is_written_and_what_comes_after_is_refused() -> None:
    async def scenario() -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        writer = GroupCommitWriter(connection, 0, lambda error: UnavailableError(str(error)))
        tasks = [asyncio.create_task(writer.submit(partial(insert, n))) for n in range(2_000)]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.close)

        assert await asyncio.gather(*tasks) == list(range(2_000))
        with pytest.raises(UnavailableError, match="closed"):
            await writer.submit(partial(insert, 1))
        await asyncio.to_thread(writer.close)

    asyncio.run(scenario())
