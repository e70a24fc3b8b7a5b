"""What the archive of SQLite does beside its contract: claims, small reads, files that are not right."""

from pathlib import Path

import pytest

from events.catalogue import SNAPSHOTS
from infra.archive import sqlite
from infra.archive.sqlite import SqliteArchive
from infra.sqlite.connection import StoreError
from tests.conformance.backends import SqliteLogBackend, opened, reading
from tests.conformance.faults import damage_pages
from tests.conformance.test_archive import output
from tests.support.given import DAY, order
from tests.support.recorded import record_reading
from tests.support.world import PROJECTION, awaited


@pytest.fixture
def logs(tmp_path: Path, request: pytest.FixtureRequest) -> SqliteLogBackend:
    return SqliteLogBackend(tmp_path, request)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
@awaited
async def test_snapshots_are_read_a_few_at_a_time_and_none_is_left_out(
    logs: SqliteLogBackend, path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(sqlite, "_RECORDS_A_READ", at_once)
    record = record_reading(monkeypatch)
    async with opened(logs) as log:
        for partition in (0, 1):
            await log.publish(
                PROJECTION, partition, [output(SNAPSHOTS, n, "anna") for n in range(3)]
            )

        async with reading(path) as archive:
            record.forget()
            places = []
            for partition in (0, 1):
                async for each in archive.snapshots(PROJECTION, partition):
                    places.append((each.partition, each.sequence))
                    assert record.rows <= len(places) + at_once - 1

    assert places == [(partition, sequence) for partition in (0, 1) for sequence in range(3)]


@awaited
async def test_a_claim_is_found_with_its_body(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        fact = order("anna", DAY)
        await log.append([fact])

        async with reading(path) as archive:
            claimed = archive.claims.claimed
            assert await claimed([fact.claim()]) == {fact.claim(): fact.body_digest()}
            assert await claimed([order("bert", DAY).claim()]) == {}
            both = [order("bert", DAY).claim(), fact.claim()]
            assert await claimed(both) == {fact.claim(): fact.body_digest()}
            assert await claimed([]) == {}


def test_a_missing_log_is_said(path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist; `holdfast import` or `holdfast serve`"):
        SqliteArchive(path)


@awaited
async def test_damage_is_said_whatever_is_read(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY, fact_id=f"o{number}") for number in range(500)])
    damage_pages(path)

    with pytest.raises(StoreError, match="malformed; the file is damaged: restore it"):
        SqliteArchive(path)
