"""The data folder of embedded mode: its files, and the lock that one process holds on it."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

LOCK_NAME = "holdfast.lock"


class LockHolder(msgspec.Struct, frozen=True):
    """Who works on a folder: its process id and, for a ``serve``, where it listens."""

    pid: int
    url: str | None = None


class FolderInUseError(Exception):
    """Another process holds the folder."""

    def __init__(self, path: Path, holder: LockHolder | None) -> None:
        who = "another process" if holder is None else f"process {holder.pid}"
        where = f", serving at {holder.url}" if holder and holder.url else ""
        super().__init__(f"{path} is in use by {who}{where}; stop it, or wait until it is done")
        self.holder = holder


class DataFolder:
    """Names the files of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log.db"
        self.lock = path / LOCK_NAME
        self.spools = path / "imports"

    def projection(self, name: str) -> Path:
        """Return the file of a projection's states."""
        return self.path / f"projection-{name}.db"

    def holder(self) -> LockHolder | None:
        """Return who holds the folder now; None where nobody does."""
        try:
            with self.lock.open("rb") as file:
                return None if _try_lock(file) else _read_holder(file)
        except FileNotFoundError:
            return None


class FolderLock:
    """Holds a folder for this process until it is left. The kernel frees it if the process dies."""

    def __init__(self, folder: DataFolder) -> None:
        """Raise `FolderInUseError` where another process holds it."""
        folder.path.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = folder.lock.open("a+b")
        if not _try_lock(self._file):
            holder = _read_holder(self._file)
            self._file.close()
            raise FolderInUseError(folder.path, holder)
        self.announce(None)

    def announce(self, url: str | None) -> None:
        """Write who we are into the lock file, for those who find it held."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(msgspec.json.encode(LockHolder(os.getpid(), url)))
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_holder(file: IO[bytes]) -> LockHolder | None:
    file.seek(0)
    try:
        return msgspec.json.decode(file.read(), type=LockHolder)
    except msgspec.DecodeError:
        return None
