"""A backup of a data folder: another one, with the log and the desk's tasks. All else is made from them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from infra.folder import DataFolder, FolderLock
from infra.sqlite.connection import StoreError, explained


def copy_folder(source: DataFolder, into: Path) -> int:
    """Copy what cannot be made again; return the copy's size in bytes.

    Nobody may work on the folder meanwhile: log and desk must be of one moment.

    Raises:
        StoreError: there is no log, a file cannot be read to its end, or not be written.
        FolderInUseError: another process holds the folder.
    """
    if not source.log.exists():
        raise StoreError(f"{source.log} does not exist, so there is nothing to back up")
    copy = DataFolder(into)
    with FolderLock(source):
        _copy(source.log, copy.log)
        if source.desk.exists():
            _copy(source.desk, copy.desk)
    return sum(path.stat().st_size for path in into.iterdir())


def _copy(path: Path, into: Path) -> None:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with explained(path), closing(sqlite3.connect(uri, uri=True)) as reader:
        target = sqlite3.connect(into)
        try:
            reader.backup(target)
        finally:
            target.close()
