"""The data folder and its lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.folder import DataFolder, FolderInUseError, FolderLock, LockHolder

HOLD = """
import sys
from pathlib import Path
from infra.folder import DataFolder, FolderLock
with FolderLock(DataFolder(Path(sys.argv[1]))) as lock:
    lock.announce("http://127.0.0.1:8087")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_its_files_have_names(folder: DataFolder) -> None:
    assert folder.log.name == "log.db"
    assert folder.projection("first").name == "projection-first.db"
    assert {folder.log.parent, folder.projection("first").parent} == {folder.path}


def test_taking_the_lock_makes_the_folder(folder: DataFolder) -> None:
    with FolderLock(folder):
        assert folder.path.is_dir()
        assert folder.holder() == LockHolder(os.getpid())


def test_nobody_holds_a_folder_that_is_not_there_or_was_left(folder: DataFolder) -> None:
    assert folder.holder() is None
    with FolderLock(folder):
        pass
    assert folder.holder() is None


def test_a_second_one_is_told_who_holds_it(folder: DataFolder) -> None:
    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:8080")

        with pytest.raises(FolderInUseError, match=f"process {os.getpid()}, serving at http://127"):
            FolderLock(folder)


def test_a_refused_one_changes_nothing_about_who_holds_it(folder: DataFolder) -> None:
    with FolderLock(folder):
        with pytest.raises(FolderInUseError):
            FolderLock(folder)
        assert folder.holder() == LockHolder(os.getpid())


def test_a_later_announcement_replaces_the_earlier(folder: DataFolder) -> None:
    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:8080/a/long/path")
        lock.announce("http://[::1]:1")

        assert folder.holder() == LockHolder(os.getpid(), "http://[::1]:1")


def test_another_process_holds_it_until_it_is_killed(folder: DataFolder) -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert folder.holder() == LockHolder(other.pid, "http://127.0.0.1:8087")
        with pytest.raises(FolderInUseError, match=str(other.pid)):
            FolderLock(folder)
        other.kill()
        other.wait()

    with FolderLock(folder):
        assert folder.holder() == LockHolder(os.getpid())


def test_a_holder_who_wrote_nothing_readable_is_another_process(folder: DataFolder) -> None:
    with FolderLock(folder):
        folder.lock.write_bytes(b"\xff not json")

        with pytest.raises(FolderInUseError, match="in use by another process"):
            FolderLock(folder)
