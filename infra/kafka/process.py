"""A process that outlives whoever started it: found again, and ended, by its id."""

import os
import signal
import subprocess
import time
from pathlib import Path

SECONDS_TO_END = 30.0
SECONDS_TO_SHOW_ARGUMENTS = 1.0
SECONDS_BETWEEN_LOOKS = 0.05


def is_running(pid: int, argument: str) -> bool:
    """Whether a process of this id runs and was started with this argument: ids are given anew.

    For a moment after its start a process shows no arguments; so does, for good, one that has ended
    and that nobody asked after.
    """
    deadline = time.monotonic() + SECONDS_TO_SHOW_ARGUMENTS
    while _is_alive(pid):
        arguments = _arguments(pid)
        if arguments or time.monotonic() > deadline:
            return argument in arguments
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def end(pid: int, seconds: float = SECONDS_TO_END) -> None:
    """Ask a process to end, and kill it where it has not within so many seconds."""
    for wanted, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, SECONDS_TO_END)):
        if not _is_alive(pid):
            return
        os.kill(pid, wanted)
        if _ended_within(pid, patience):
            return
    raise TimeoutError(f"process {pid} does not end")


def _ended_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _is_alive(pid):
            return True
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def _is_alive(pid: int) -> bool:
    """Whether it runs; a child of ours that has ended is laid to rest on the way."""
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return _exists(pid)
    return ended == 0


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _arguments(pid: int) -> str:
    """Return what a process was started with; nothing where it has just ended."""
    linux = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return linux.read_text("utf-8", "replace").replace("\0", " ")
        except OSError:
            return ""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
