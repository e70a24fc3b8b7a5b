"""The quality report out of a log: of the standing projection, as of its last closed day."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from events.catalogue import SNAPSHOTS
from events.control import ProjectionCreated
from events.marks import Emission
from infra.archive import sqlite as archive
from infra.folder import DataFolder
from infra.log.records import Output
from infra.log.sqlite import SqliteLog
from infra.sqlite.connection import StoreError
from services.ops.freshness import NothingFolded
from services.ops.quality import ClosedDay, closed_day, quality
from tests.support.recorded import record_reading
from tests.unit.domain.quality.scores import FIRST_DAY, dated, taken
from tests.unit.ops.folders import PROJECTION, StandingClock, order, read, written
from tests.unit.ops.snapshots import (
    closed,
    folder_of,
    outputs,
    reported,
    say,
    snapshot_folder,
    weekly,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Two hundred days of twenty customers."""
    return snapshot_folder(tmp_path_factory.mktemp("quality"), 200)


def test_what_the_log_says_is_what_the_snapshots_say(folder: DataFolder) -> None:
    found = read(folder, quality)

    assert found == reported(weekly(200), 200)
    assert found.all_ticks.all.auc == pytest.approx(64 / 65)
    assert (found.projection, found.as_of) == (PROJECTION, dated(200))


def test_snapshots_of_a_day_that_is_not_closed_yet_are_left_out(folder: DataFolder) -> None:
    half_of_a_day = [taken(f"{number:08x}", 201, 60) for number in range(0, 20, 7)]

    say(folder, outputs(half_of_a_day, 1))

    assert read(folder, quality) == reported(weekly(200), 200)


def test_another_projection_says_nothing_here(folder: DataFolder) -> None:
    say(folder, outputs([taken("0a", 3, 1), taken("0a", 94, 90), closed(300)], 2), "another")

    assert read(folder, quality) == reported(weekly(200), 200)


def test_after_a_switch_the_report_is_of_the_projection_that_took_over(tmp_path: Path) -> None:
    folder = snapshot_folder(tmp_path, 150)
    rebuilt = [*weekly(150, customers=9), closed(150)]

    say(folder, outputs(rebuilt, 1), "rebuilt")
    assert read(folder, quality).projection == PROJECTION
    take_over(folder, "rebuilt")

    found = read(folder, quality)
    assert found.projection == "rebuilt"
    assert found.labels == reported(weekly(150, customers=9), 150).labels


def take_over(folder: DataFolder, projection: str) -> None:
    async def switch() -> None:
        log = await SqliteLog.open(folder.log, StandingClock())
        try:
            await log.create_projection(ProjectionCreated(projection, "f" * 64))
            await log.switch_projection(projection)
        finally:
            await log.close()

    asyncio.run(switch())


def test_a_further_day_brings_its_labels(tmp_path: Path) -> None:
    folder = snapshot_folder(tmp_path, 150)
    later = [snapshot for snapshot in weekly(152) if snapshot.day > dated(150)]

    say(folder, outputs([*later, closed(151), closed(152)], 1))

    assert read(folder, quality) == reported(weekly(152), 152)


def test_the_last_closed_day_is_that_of_the_partition_that_is_behind(tmp_path: Path) -> None:
    said = [closed(1), closed(1, partition=1), closed(2), closed(3)]

    found = read(folder_of(tmp_path, said), closed_day)

    assert found == ClosedDay(PROJECTION, FIRST_DAY + 1, FIRST_DAY)


def test_before_the_first_label_there_is_a_report_with_nulls(tmp_path: Path) -> None:
    found = read(snapshot_folder(tmp_path, 100), quality)

    assert found.second_half.active.auc is None
    assert found.first_figure_on == dated(119)
    assert found.labels.waiting > 0


def test_a_closed_day_without_customers_is_reported(tmp_path: Path) -> None:
    found = read(folder_of(tmp_path, [closed(0)]), quality)

    assert (found.labels.released, found.first_figure_on) == (0, None)


def test_without_a_closed_day_there_is_no_report(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 23)], fold=False)

    assert read(folder, quality) == NothingFolded(3)


def test_an_empty_log_has_no_report(tmp_path: Path) -> None:
    assert isinstance(read(written(tmp_path, [], fold=False), quality), NothingFolded)


@pytest.mark.parametrize("type_name", ["crm.snapshot.taken.v1", "crm.snapshot.taken.v9"])
def test_a_record_that_cannot_be_read_is_named(tmp_path: Path, type_name: str) -> None:
    folder = snapshot_folder(tmp_path, 3)
    say(folder, [Output(SNAPSHOTS, 1 << 30, type_name, None, None, Emission.LIVE, b'{"day":1}')])

    with pytest.raises(StoreError, match=rf"crm.snapshots offset \d+, {type_name}, cannot be read"):
        read(folder, quality)


def test_snapshots_are_not_read_all_at_once(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_RECORDS_A_READ", 100)
    record = record_reading(monkeypatch)

    read(folder, quality)

    reads = [query for query in record.plans if "FROM snapshots" in query and "LIMIT" in query]
    assert len(reads) == 1
    assert record.statements > 700 / 100


def test_the_report_is_written_as_json_without_what_is_no_number(folder: DataFolder) -> None:
    text = msgspec.json.encode(read(folder, quality))

    assert b"NaN" not in text
    assert msgspec.json.decode(text, type=type(read(folder, quality))) == read(folder, quality)
