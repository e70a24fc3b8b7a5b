"""The data folder and its lock."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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

LOOK = """
import sys
from pathlib import Path
from infra.folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
print("looking", flush=True)
while True:
    folder.holder()
"""
ROOT = Path(__file__).parents[3]


@contextmanager
def running(code: str, folder: DataFolder) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python process that has said its first line, and is killed when the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


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

        assert folder.holder() == LockHolder(os.getpid(), "http://[::1]:1", lock.token)


def test_another_process_holds_it_until_it_is_killed(folder: DataFolder) -> None:
    with running(HOLD, folder) as other:
        holder = folder.holder()
        assert holder is not None
        assert (holder.pid, holder.url) == (other.pid, "http://127.0.0.1:8087")
        with pytest.raises(FolderInUseError, match=str(other.pid)):
            FolderLock(folder)

    with FolderLock(folder):
        assert folder.holder() == LockHolder(os.getpid())


def test_a_holder_who_wrote_nothing_readable_is_another_process(folder: DataFolder) -> None:
    with FolderLock(folder):
        folder.lock.write_bytes(b"\xff not json")

        with pytest.raises(FolderInUseError, match="in use by another process"):
            FolderLock(folder)


def test_looking_never_keeps_anybody_from_taking_the_folder(folder: DataFolder) -> None:
    with FolderLock(folder):
        pass

    with running(LOOK, folder), running(LOOK, folder):
        for _ in range(2_000):
            with FolderLock(folder):
                pass


def test_a_look_sees_a_holder_while_others_look(folder: DataFolder) -> None:
    with FolderLock(folder) as lock, running(LOOK, folder):
        lock.announce("http://127.0.0.1:8080")

        assert all(
            folder.holder() == LockHolder(os.getpid(), "http://127.0.0.1:8080", lock.token)
            for _ in range(2_000)
        )


def test_nobody_reads_half_of_what_is_announced(folder: DataFolder) -> None:
    announced = ["http://127.0.0.1:8080/" + "x" * 300, "http://127.0.0.1:1"]
    stopping = threading.Event()

    def announce(lock: FolderLock) -> None:
        while not stopping.is_set():
            for url in announced:
                lock.announce(url)

    with FolderLock(folder) as lock:
        lock.announce(announced[0])
        thread = threading.Thread(target=announce, args=(lock,))
        thread.start()
        try:
            found = [folder.holder() for _ in range(2_000)]
        finally:
            stopping.set()
            thread.join()

    assert {None if holder is None else holder.url for holder in found} <= set(announced)


def test_only_its_owner_may_read_the_lock(folder: DataFolder) -> None:
    folder.path.mkdir()
    folder.lock.write_bytes(b"of an earlier release")
    folder.lock.chmod(0o644)

    with FolderLock(folder):
        assert folder.lock.stat().st_mode & 0o777 == 0o600


def test_a_token_is_announced_with_a_url_only_and_is_new_each_time(folder: DataFolder) -> None:
    tokens = set()
    for _ in range(3):
        with FolderLock(folder) as lock:
            assert folder.holder() == LockHolder(os.getpid(), None, "")
            lock.announce("http://127.0.0.1:8080")
            assert folder.holder() == LockHolder(os.getpid(), "http://127.0.0.1:8080", lock.token)
            tokens.add(lock.token)
            lock.announce(None)
            assert lock.token not in folder.lock.read_text()

    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {64}


def test_why_the_profiles_stand_still_is_announced(folder: DataFolder) -> None:
    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:8080", "an unknown type at offset 7")
        holder = folder.holder()

    assert holder is not None
    assert holder.halted == "an unknown type at offset 7"
