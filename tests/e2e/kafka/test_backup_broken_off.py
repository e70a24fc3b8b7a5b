"""A backup or a restore that is killed is told from a whole one, and the same command carries it through."""

import subprocess
import sys
from pathlib import Path

import pytest

from events.control import ClockMode
from infra.backup.folder import BackupFolderError
from infra.backup.manifest import BackupUnusableError
from infra.log.writers import HalfRestoredError
from infra.messages.catalogue import Catalogue
from services.commands.topics_check import TopicsDifferError, refuse_other_topics
from tests.support.backups import everything, forget, identity_of, restored, saved, writer_of
from tests.support.cluster import Cluster
from tests.support.given import DAY, order
from tests.support.kafka_logs import open_log
from tests.support.world import awaited

NAMES = [f"c{number}" for number in range(12)]


async def a_life(cluster: Cluster) -> None:
    async with writer_of(cluster) as log:
        await log.append([order(name, day) for day in (DAY, DAY + 1) for name in NAMES])


def killed(cluster: Cluster, point: str, nth: int, *arguments: str | Path) -> None:
    """Run a command as administrator until it is killed before the nth call of a function."""
    script = [sys.executable, "-m", "tests.e2e.kafka.killed_backup", point, str(nth)]
    ended = subprocess.run(
        [*script, *map(str, arguments)],
        env=cluster.environment("admin"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr


@awaited
async def test_a_backup_that_was_killed_is_no_backup_and_is_made_anew(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    folder = tmp_path / "saved"

    killed(lost, "write", 3, "backup", folder)

    assert not folder.exists()
    unfinished = tmp_path / "saved.unfinished"
    assert list(unfinished.glob("*.jsonl.gz"))
    with pytest.raises(BackupUnusableError, match=r"holds no backup .* was broken off"):
        await restored(empty, unfinished)

    await saved(lost, folder)
    assert not unfinished.exists()
    with pytest.raises(BackupFolderError, match="holds a backup already"):
        await saved(lost, folder)
    forget(lost)
    await restored(empty, folder)


@pytest.mark.parametrize("nth", [2, 4])
@awaited
async def test_a_restore_that_was_killed_is_half_a_log_that_nobody_takes_for_one(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path, nth: int
) -> None:
    # given a restore that was killed before it wrote the nth partition; the fourth is control
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    killed(empty, "append", nth, "restore", tmp_path / "saved")
    half = await everything(empty.settings())
    assert sum(bool(records) for records in half.values()) == nth - 1

    # then no service begins, and no writer makes a log of it
    with pytest.raises(TopicsDifferError, match=r"timestamp.type is CreateTime, needed is LogApp"):
        refuse_other_topics(empty.settings("profiles"), Catalogue())
    await refuses_to_make_a_log(empty)

    # and the same command carries it through, and once more changes nothing
    carried_through = empty.run("restore", tmp_path / "saved", user="admin")
    assert carried_through.returncode == 0, carried_through.stderr
    whole = await everything(empty.settings())
    assert {place: [one.value for one in records] for place, records in whole.items()} == {
        place: [one.value for one in records]
        for place, records in (await everything(lost.settings())).items()
    }
    assert await restored(empty, tmp_path / "saved")
    assert await everything(empty.settings()) == whole


async def refuses_to_make_a_log(cluster: Cluster) -> None:
    log = await open_log(cluster.settings(), cluster.redis)
    try:
        with pytest.raises(HalfRestoredError, match="give `holdfast restore` again"):
            await log.create(identity_of(cluster), ClockMode.LOG)
    finally:
        await log.close()
