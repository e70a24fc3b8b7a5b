"""`SqliteCourseStore` when its file is not what it should be, or cannot be written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from infra.course.port import Progress
from infra.course.sqlite import SqliteCourseStore
from infra.sqlite.connection import StoreError
from tests.conformance.faults import another_process_writing, damage_pages
from tests.conformance.test_course_store import NEXT, START
from tests.support.world import awaited

NOTHING_IS_LOST = "remove it .*, and the learner goes through the recorded snapshots again"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "learning-first.db"


def written(path: Path, data: bytes) -> None:
    """Put bytes where progress stands."""
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute("UPDATE course SET progress = ?", (data,)).rowcount == 1


async def kept(path: Path, progress: Progress) -> None:
    store = SqliteCourseStore(path)
    await store.commit(progress)
    await store.close()


def test_a_file_that_is_no_database_may_be_removed(path: Path) -> None:
    path.write_bytes(b"this is a text of more than a hundred characters, and no database. " * 4)

    with pytest.raises(StoreError, match=f"not a database.*{NOTHING_IS_LOST}"):
        SqliteCourseStore(path)
    assert path.read_bytes().startswith(b"this is a text")


@awaited
async def test_damaged_pages_are_said(path: Path) -> None:
    await kept(path, NEXT)
    damage_pages(path)

    with pytest.raises(StoreError, match=f"malformed.*{NOTHING_IS_LOST}"):
        await _loaded(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", msgspec.json.encode(NEXT)[:-2], b'{"day":15000}', b'{"day":"x"}'],
    ids=["empty", "cut", "no text", "cut late", "fields missing", "another type"],
)
@awaited
async def test_damaged_progress_is_said(path: Path, data: bytes) -> None:
    await kept(path, NEXT)
    written(path, data)

    with pytest.raises(StoreError, match=NOTHING_IS_LOST):
        await _loaded(path)


def test_another_layout_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(StoreError, match="layout 99, this release reads 1"):
        SqliteCourseStore(path)


@awaited
async def test_a_full_disk_is_said_and_leaves_what_was_kept(path: Path) -> None:
    store = SqliteCourseStore(path)
    try:
        await store.commit(START)
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        grown = msgspec.structs.replace(NEXT, taken=tuple(range(20_000)))

        with pytest.raises(StoreError, match=r"full; free some disk space, then try again$"):
            await store.commit(grown)

        assert await store.load() == START
    finally:
        await store.close()


@awaited
async def test_a_lock_of_another_process_is_said_and_then_forgotten(path: Path) -> None:
    store = SqliteCourseStore(path)
    try:
        store._connection.execute("PRAGMA busy_timeout = 50")
        with (
            another_process_writing(path),
            pytest.raises(StoreError, match="another program holds it"),
        ):
            await store.commit(START)

        await store.commit(NEXT)
        assert await store.load() == NEXT
    finally:
        await store.close()


async def _loaded(path: Path) -> Progress | None:
    store = SqliteCourseStore(path)
    try:
        return await store.load()
    finally:
        await store.close()
