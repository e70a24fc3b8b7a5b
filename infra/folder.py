"""The data folder of embedded mode: its files, and the lock that one process holds on it."""

import fcntl
import os
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from infra.mendable import MendableError

LOCK_NAME = "holdfast.lock"
OWNER_ONLY = 0o600

SECONDS_OF_PATIENCE = 5.0
"""How long a lock that nobody holds is tried for while others look at it; each look is short."""


READS_AT_MOST = 1000
"""A file that changes this often while it is looked at is taken as it is."""


class LockHolder(msgspec.Struct, frozen=True):
    """Who works on a folder: its process id and, for a ``serve``, where it listens.

    ``token`` is what that process takes commands by: whoever may read the lock file may command.
    ``halted`` says why its profiles stand still, where they do; ``console`` is where people look.
    """

    pid: int
    url: str | None = None
    token: str = ""
    halted: str | None = None
    console: str | None = None


class FolderInUseError(MendableError):
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
        self.desk = path / "desk.db"
        self.console = path / "console.db"
        self.lock = path / LOCK_NAME
        self.spools = path / "imports"

    def projection(self, name: str) -> Path:
        """Return the file of a projection's states."""
        return self.path / f"projection-{name}.db"

    def course(self, name: str) -> Path:
        """Return the file of what was learned for a projection."""
        return self.path / f"learning-{name}.db"

    def holder(self) -> LockHolder | None:
        """Return who holds the folder now; None where nobody does.

        Raises ``PermissionError`` where another user's process made the lock: only its owner may
        know what is in there.
        """
        try:
            with self.lock.open("rb") as file:
                return None if _is_free(file) else _read_holder(file)
        except FileNotFoundError:
            return None


class FolderLock:
    """Holds a folder for this process until it is left. The kernel frees it if the process dies.

    ``token`` is announced with an URL, and must then come with every command; so is ``console``.
    """

    def __init__(self, folder: DataFolder) -> None:
        """Raise `FolderInUseError` where another process holds it."""
        folder.path.mkdir(parents=True, exist_ok=True)
        self.token = secrets.token_hex(32)
        self.console: str | None = None
        made = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        self._file: IO[bytes] = os.fdopen(made, "r+b", buffering=0)
        try:
            if not _taken(self._file):
                raise FolderInUseError(folder.path, _read_holder(self._file))
            os.fchmod(self._file.fileno(), OWNER_ONLY)  # earlier releases let everybody read it
            self.announce(None)
        except BaseException:
            self._file.close()
            raise

    def announce(self, url: str | None, halted: str | None = None) -> None:
        """Write who we are into the lock file, for those who find it held.

        In one write, over all that stood there, so that nobody reads half of it.
        """
        token = "" if url is None else self.token
        console = None if url is None else self.console
        written = msgspec.json.encode(LockHolder(os.getpid(), url, token, halted, console))
        length = os.fstat(self._file.fileno()).st_size
        os.pwrite(self._file.fileno(), written.ljust(length), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _taken(file: IO[bytes]) -> bool:
    """Take the lock, waiting for those who only look; return False where somebody holds it."""
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while not _try_lock(file, fcntl.LOCK_EX):
        if not _is_free(file) or time.monotonic() > deadline:
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        time.sleep(0.001)
    return True


def _is_free(file: IO[bytes]) -> bool:
    """Tell whether nobody holds the lock. Looks share it for a moment, so they never meet."""
    return _try_lock(file, fcntl.LOCK_SH)


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_holder(file: IO[bytes]) -> LockHolder | None:
    try:
        return msgspec.json.decode(_settled(file), type=LockHolder)
    except msgspec.DecodeError:
        return None


def _settled(file: IO[bytes]) -> bytes:
    """Return what stands in a file: what was read twice in a row.

    The kernel lets a read meet half of a write, also where that is a single one.
    """
    before = None
    for _ in range(READS_AT_MOST):
        file.seek(0)
        found = file.read()
        if found == before:
            break
        before = found
    return found
