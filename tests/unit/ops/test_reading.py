"""Opening a folder to look at it: snapshots, and clear words where there is nothing to see."""

import asyncio
from pathlib import Path

import pytest

from infra.folder import DataFolder, FolderLock
from infra.log.sqlite import SqliteLog
from infra.sqlite.connection import StoreError
from services.ops.freshness import Freshness, NothingFolded, freshness
from services.ops.place import EmptyLogError
from services.ops.reading import Reading, open_reading
from tests.unit.ops.folders import (
    LONDON,
    PROJECTION,
    RELEASE,
    START,
    StandingClock,
    order,
    read,
    regular,
    write,
    written,
)


async def freshness_of(reading: Reading) -> Freshness | NothingFolded:
    return freshness(reading)


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "nowhere")

    with pytest.raises(StoreError, match=r"nowhere/log\.db does not exist; `holdfast import`"):
        read(folder, freshness_of)

    assert not folder.path.exists()


def test_a_log_that_was_never_created_is_told_from_an_empty_one(tmp_path: Path) -> None:
    async def only_open() -> None:
        await (await SqliteLog.open(tmp_path / "log.db", StandingClock())).close()

    asyncio.run(only_open())

    with pytest.raises(EmptyLogError, match="holds nothing yet"):
        read(DataFolder(tmp_path), freshness_of)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"no database, but long enough to be taken for one" * 50)

    with pytest.raises(StoreError, match=r"log\.db"):
        read(DataFolder(tmp_path), freshness_of)


def test_a_damaged_projection_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, regular("A"))
    folder.projection(PROJECTION).write_bytes(b"\0" * 5000)

    with pytest.raises(StoreError, match=f"projection-{PROJECTION}"):
        read(folder, freshness_of)


def test_a_folder_without_a_projection_has_folded_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)], fold=False)

    # the mark by which the projection emits, the day's, and the fact
    assert read(folder, freshness_of) == NothingFolded(records=3)


def test_a_log_without_facts_has_folded_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path, [])

    assert read(folder, freshness_of) == NothingFolded(records=1)


def test_a_projection_at_the_end_is_as_fresh_as_the_log(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)])

    fresh = read(folder, freshness_of)

    assert fresh == Freshness(START, START, 0, PROJECTION, RELEASE)


def test_records_after_the_projections_position_are_counted(tmp_path: Path) -> None:
    written(tmp_path, [order("A", 0)])
    folder = written(tmp_path, [order("A", 0, 5), order("A", 0, 6)], fold=False)

    fresh = read(folder, freshness_of)

    assert isinstance(fresh, Freshness)
    assert fresh.records_behind == 2


def test_a_reading_does_not_see_what_is_written_meanwhile(tmp_path: Path) -> None:
    async def reading_while_writing() -> tuple[int, int]:
        folder = await write(tmp_path, [order("A", 0)])
        async with open_reading(folder) as reading:
            before = reading.ends[0]
            await write(tmp_path, [order("B", 5)])
            after = await reading.archive.end_offset(0)
        return before, after

    before, after = asyncio.run(reading_while_writing())

    assert before == after


def test_a_folder_that_somebody_holds_can_be_read(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)])

    with FolderLock(folder):
        assert isinstance(read(folder, freshness_of), Freshness)


def test_a_reading_knows_the_log_that_it_reads(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)])

    async def about(reading: Reading) -> tuple[str, str, int | None]:
        return reading.fold.currency, reading.calendar.timezone, reading.head.open_day

    assert read(folder, about) == ("GBP", "Europe/London", LONDON.day_of(order("A", 0).time))
