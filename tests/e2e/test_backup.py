"""A data folder is copied by one command, and the copy is a data folder of the same digest."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from events.control import ClockMode
from infra.folder import DataFolder, FolderLock
from services.embedded import Engine, open_engine
from services.new_log import NewLog
from services.ops.verify.run import verify
from tests.faults.commands import holdfast
from tests.support.given import DAY, LOG, order
from tests.support.world import StoppedClock

NEW_LOG = NewLog("UTC", "GBP", LOG.namespace, ClockMode.LOG)


async def grown(engine: Engine) -> None:
    """Anna orders every ten days and stops; Bert goes on."""
    facts = [order("anna", DAY + day) for day in range(0, 41, 10)]
    facts += [order("bert", DAY + day) for day in range(0, 120, 10)]
    await engine.log.append(sorted(facts, key=lambda fact: fact.time))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")

    async def run() -> None:
        async with open_engine(made, NEW_LOG, StoppedClock()) as engine:
            await grown(engine)
            await engine.profiles.catch_up()

    asyncio.run(run())
    with sqlite3.connect(made.desk) as desk:
        desk.execute("CREATE TABLE IF NOT EXISTS promises (what TEXT)")
        desk.execute("INSERT INTO promises VALUES ('call Anna')")
    desk.close()
    return made


def digest_of(folder: DataFolder) -> str:
    report = asyncio.run(verify(folder, lambda _stage, _done, _total: None))
    assert report.differences == ()
    return report.digest


async def fold(folder: DataFolder) -> None:
    async with open_engine(folder, None, StoppedClock()) as engine:
        await engine.profiles.catch_up()


def test_a_copy_folds_to_the_same_digest_and_keeps_the_desk(
    folder: DataFolder, tmp_path: Path
) -> None:
    ended = holdfast("backup", tmp_path / "saved", "--data", folder.path)

    assert ended.code == 0, ended.err
    assert "a data folder of its own" in ended.out
    copy = DataFolder(tmp_path / "saved")
    assert sorted(path.name for path in copy.path.iterdir()) == ["desk.db", "log.db"]
    with sqlite3.connect(copy.desk) as desk:
        assert desk.execute("SELECT * FROM promises").fetchall() == [("call Anna",)]
    desk.close()
    asyncio.run(fold(copy))
    assert digest_of(copy) == digest_of(folder)


def test_a_folder_that_is_worked_on_is_not_copied(folder: DataFolder, tmp_path: Path) -> None:
    with FolderLock(folder):
        ended = holdfast("backup", tmp_path / "saved", "--data", folder.path)

    assert ended.code == 2
    assert "is in use by process" in ended.complaint
    assert not list(tmp_path.glob("saved*"))


def test_what_cannot_be_done_is_said_with_the_way_on(folder: DataFolder, tmp_path: Path) -> None:
    nothing = holdfast("backup", tmp_path / "saved", "--data", tmp_path / "nowhere")
    filled = holdfast("backup", folder.path, "--data", folder.path)
    back = holdfast("restore", tmp_path / "saved")

    assert "there is nothing to back up" in nothing.complaint
    assert "is not empty: name a new folder" in filled.complaint
    assert "a backup is a data folder itself: copy" in back.complaint
    assert not (tmp_path / "nowhere").exists()
