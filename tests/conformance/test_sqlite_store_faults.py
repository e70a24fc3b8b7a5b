"""`SqliteStateStore` and its reader when the file is not what it should be."""

from pathlib import Path

import msgspec
import pytest

from infra.sqlite.connection import StoreError
from infra.state.port import (
    START,
    Commit,
    IdentityMismatchError,
    Position,
    Quarantined,
    ReadRow,
    StateRow,
)
from infra.state.reader import ProjectionReader
from infra.state.sqlite import SqliteStateStore
from tests.conformance.faults import another_process_writing, damage_pages
from tests.conformance.stores import STORE
from tests.support.given import id_of
from tests.support.world import awaited

FIRST = Position(offset=7, digest=b"\x01" * 16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "projection-first.db"


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(STORE, log_id="another log"),
        msgspec.structs.replace(STORE, projection="another projection"),
        msgspec.structs.replace(STORE, fingerprint="0" * 64),
        msgspec.structs.replace(STORE, partition=1),
    ],
    ids=["log", "projection", "release", "partition"],
)
@awaited
async def test_a_store_of_something_else_is_refused(path: Path, other: object) -> None:
    await SqliteStateStore(path, STORE).close()

    assert isinstance(other, type(STORE))
    with pytest.raises(IdentityMismatchError, match="belongs to"):
        SqliteStateStore(path, other)


@awaited
async def test_a_full_disk_is_said_and_leaves_nothing_of_the_commit(path: Path) -> None:
    store = SqliteStateStore(path, STORE)
    try:
        connection = store._connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        rows = [StateRow(id_of(f"c{n}"), b"x" * 500, None, standing=False) for n in range(500)]

        with pytest.raises(StoreError, match="full; free some disk space"):
            await store.commit(START, Commit(FIRST, rows))

        assert await store.position() == START
        assert await store.load([row.customer_id for row in rows]) == {}
    finally:
        await store.close()


@awaited
async def test_a_lock_of_another_process_is_said_and_leaves_nothing(path: Path) -> None:
    store = SqliteStateStore(path, STORE)
    try:
        store._connection.execute("PRAGMA busy_timeout = 50")
        with (
            another_process_writing(path),
            pytest.raises(StoreError, match="locked; another program holds it"),
        ):
            await store.commit(START, Commit(FIRST, []))

        await store.commit(START, Commit(FIRST, []))
        assert await store.position() == FIRST
    finally:
        await store.close()


@awaited
async def test_a_damaged_file_is_said(path: Path) -> None:
    store = SqliteStateStore(path, STORE)
    await store.commit(START, Commit(FIRST, [StateRow(id_of("anna"), b"x", None, standing=False)]))
    await store.close()
    damage_pages(path)

    with pytest.raises(StoreError, match="damaged"):
        SqliteStateStore(path, STORE)
    with pytest.raises(StoreError, match="damaged"):
        ProjectionReader(path)


@awaited
async def test_a_reader_sees_one_moment(path: Path) -> None:
    store = SqliteStateStore(path, STORE)
    anna, bert = sorted([id_of("anna"), id_of("bert")])
    quiet, standing = (
        StateRow(anna, b"a", 5, standing=False),
        StateRow(bert, b"b", None, standing=True),
    )
    await store.commit(START, Commit(FIRST, [standing, quiet], [Quarantined(anna, 3, "why")]))
    reader = ProjectionReader(path)
    try:
        await store.commit(
            FIRST, Commit(Position(offset=8), [StateRow(bert, b"new", 1, standing=False)])
        )

        assert (reader.identity(0), reader.position(0)) == (STORE, FIRST)
        held = Quarantined(anna, 3, "why")
        assert await reader.quarantined() == [held]
        first, second = ReadRow(anna, quiet, FIRST, held), ReadRow(bert, standing, FIRST, None)
        assert [row async for row in reader.rows()] == [first, second]
        assert [row async for row in reader.rows(standing_only=True)] == [second]
        assert await reader.row(bert) == second
        nobody = id_of("nobody")
        assert await reader.row(nobody) == ReadRow(nobody, None, FIRST, None)
        assert await reader.read([bert, anna]) == [second, first]
        assert (await reader.count(), await reader.standing_count()) == (2, 1)
    finally:
        await reader.close()
        await store.close()


def test_a_missing_projection_is_said(path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        ProjectionReader(path)
