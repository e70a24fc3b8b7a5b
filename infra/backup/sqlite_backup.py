"""A backup of a data folder: another one, which holds the log alone. Everything else is folded from it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from infra.folder import DataFolder
from infra.log import sqlite_tables as tables
from infra.sqlite.connection import explained, open_reader


def copy_log(source: DataFolder, folder: Path) -> int:
    """Copy one moment of the log, whoever writes to it meanwhile; return the copy's size in bytes.

    Raises `StoreError` where the log cannot be read to its end, or the copy cannot be written.
    """
    copy = DataFolder(folder).log
    with explained(source.log), closing(open_reader(source.log, tables.VERSION)) as reader:
        target = sqlite3.connect(copy)
        try:
            reader.backup(target)
        finally:
            target.close()
    return copy.stat().st_size
