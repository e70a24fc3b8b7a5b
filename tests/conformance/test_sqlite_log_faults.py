"""`SqliteLog` when the file cannot take a write, or is not what it should be."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from events.control import ClockMode, SourceScheduled
from events.marks import FeedVerdict
from infra.log.port import LogUnavailableError
from infra.log.records import Appended
from infra.log.sqlite import SqliteLog
from infra.sqlite.connection import StoreError
from tests.conformance.backends import SqliteLogBackend, opened
from tests.conformance.faults import (
    another_process_writing,
    damage_pages,
    give_room,
    hurry,
    take_room,
)
from tests.support.given import DAY, LOG, order, usage
from tests.support.world import StoppedClock, awaited


@awaited
async def test_a_full_disk_is_said_and_leaves_nothing_of_the_batch(tmp_path: Path) -> None:
    async with opened(SqliteLogBackend(tmp_path)) as log:
        assert isinstance(log, SqliteLog)
        await log.append([order("anna", DAY)])
        before, head = await log.read_facts(0, -1, 10_000), log.head
        take_room(log)

        with pytest.raises(LogUnavailableError, match="full"):
            await log.append(
                [order("bert", DAY + 1, fact_id=f"o{number}") for number in range(2_000)]
            )

        assert await log.read_facts(0, -1, 10_000) == before
        assert log.head == head
        give_room(log)
        (outcome,) = await log.append([order("bert", DAY + 1, fact_id="o0")])
        assert isinstance(outcome, Appended)


@awaited
async def test_a_lock_of_another_process_is_said_and_then_forgotten(tmp_path: Path) -> None:
    async with opened(SqliteLogBackend(tmp_path)) as log:
        assert isinstance(log, SqliteLog)
        hurry(log)
        with another_process_writing(tmp_path / "log.db"):
            with pytest.raises(LogUnavailableError, match="locked"):
                await log.append([order("anna", DAY)])
            assert await log.end_offset(0) == 0, "readers go on"

        (outcome,) = await log.append([order("anna", DAY)])
        assert isinstance(outcome, Appended)


@awaited
async def test_closing_finishes_what_is_queued_and_refuses_the_rest(tmp_path: Path) -> None:
    backend = SqliteLogBackend(tmp_path)
    async with opened(backend) as log:
        writes = [asyncio.create_task(log.append([order(f"c{n}", DAY)])) for n in range(50)]
        await asyncio.sleep(0)
        closing_log = asyncio.create_task(log.close())
        results = await asyncio.gather(*writes, return_exceptions=True)
        await closing_log

        with pytest.raises(LogUnavailableError, match="closed"):
            await log.append([order("late", DAY)])
    acknowledged = [result for result in results if not isinstance(result, BaseException)]
    refused = [result for result in results if isinstance(result, LogUnavailableError)]
    assert len(acknowledged) + len(refused) == 50

    async with opened(backend) as log:
        facts = [record for record in await log.read_facts(0, -1, 1_000) if record.customer_id]
        assert len(facts) == len(acknowledged)


@awaited
async def test_a_caller_who_goes_away_does_not_take_the_write_back(tmp_path: Path) -> None:
    async with opened(SqliteLogBackend(tmp_path)) as log:
        write = asyncio.create_task(log.append([order("anna", DAY)]))
        await asyncio.sleep(0)
        write.cancel()
        await asyncio.gather(write, return_exceptions=True)

        (outcome,) = await log.append([order("bert", DAY)])
        assert isinstance(outcome, Appended)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(b"this is a text of more than a hundred characters, and no database. " * 4)

    with pytest.raises(StoreError, match="not a database; the file is damaged: restore it"):
        SqliteLog(path, StoppedClock())
    assert path.read_bytes().startswith(b"this is a text")


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(StoreError, match="layout 99, this release reads 1"):
        SqliteLog(path, StoppedClock())


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(StoreError, match="another program"):
        SqliteLog(path, StoppedClock())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        SqliteLog(tmp_path / "nowhere" / "log.db", StoppedClock())


@awaited
async def test_a_damaged_file_is_said_whether_read_or_written(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with opened(SqliteLogBackend(tmp_path)) as log:
        await log.append([order("anna", DAY, fact_id=f"o{number}") for number in range(500)])
    damage_pages(path)

    with pytest.raises((StoreError, LogUnavailableError), match=r"malformed|not a database"):
        await read_and_write(path)


async def read_and_write(path: Path) -> None:
    log = await SqliteLog.open(path, StoppedClock())
    try:
        await log.read_facts(0, -1, 10_000)
        await log.append([order("bert", DAY)])
    finally:
        await log.close()


@awaited
async def test_a_group_shares_one_commit(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path / "log.db", StoppedClock())
    try:
        await log.create(LOG, ClockMode.LOG)
        statements: list[str] = []
        log._writer._connection.set_trace_callback(statements.append)
        await asyncio.gather(*[log.append([order(f"c{n}", DAY)]) for n in range(200)])

        assert statements.count("COMMIT") < 100
        assert await log.end_offset(0) == 200
    finally:
        await log.close()


@awaited
async def test_a_log_of_the_first_release_learns_to_note_what_came(tmp_path: Path) -> None:
    async with opened(SqliteLogBackend(tmp_path)) as log:
        await log.append([order("anna", DAY)])
        await log.close()
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        connection.execute("DROP TABLE arrivals")

    again = await SqliteLogBackend(tmp_path).open()
    await again.schedule(SourceScheduled("shop", ("data",), 0))
    await again.append([usage("anna", DAY + 1, "data", 2.0)])
    await again.advance(DAY + 2)

    assert again.head is not None
    last = again.head.feeds["data"].last
    assert last is not None
    assert last.verdict is FeedVerdict.ARRIVED
    await again.close()
