"""The folder that a backup is written into: under another name until it is whole."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.backup.manifest import MANIFEST
from infra.mendable import MendableError

UNFINISHED = ".unfinished"
OWNER_ONLY = 0o700


class BackupFolderError(MendableError):
    """A backup cannot be written there."""


@contextmanager
def new_backup(folder: Path) -> Iterator[Path]:
    """Give a folder to write into, which gets its name once everything in it is on the disk.

    Killed, it keeps the name that ends in `UNFINISHED`, and the next backup of this name begins it
    anew. For its owner only: facts hold names and contacts.

    Raises `BackupFolderError` where something stands there, or another process is writing it.
    """
    folder = folder.absolute()
    _refuse_what_stands(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(folder.name + UNFINISHED)
    unfinished.mkdir(mode=OWNER_ONLY, exist_ok=True)
    held = os.open(unfinished, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _hold(held, unfinished)
        with _removed_on_failure(unfinished):
            for left in unfinished.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield unfinished
            for path in unfinished.iterdir():
                _sync(path)
            os.fsync(held)
            _refuse_what_stands(folder)
            unfinished.rename(folder)
        _sync(folder.parent)
    finally:
        os.close(held)


@contextmanager
def _removed_on_failure(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _refuse_what_stands(folder: Path) -> None:
    if (folder / MANIFEST).exists():
        raise BackupFolderError(
            f"{folder} holds a backup already: name a folder of its own for each"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupFolderError(f"{folder} is not empty: name a new folder for the backup")


def _hold(held: int, unfinished: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BackupFolderError(f"another process is writing {unfinished} now") from error


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
