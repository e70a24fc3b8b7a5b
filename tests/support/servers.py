"""What real servers of tests have in common: a free port, ended by process id, missing is told."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SECONDS_TO_START = 60.0


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, *folders: str) -> str | None:
    """Where a program is; None where it is not installed."""
    for folder in folders:
        if (Path(folder) / name).exists():
            return str(Path(folder) / name)
    return shutil.which(name)


def missing(what: str) -> None:
    """Skip the test with the reason; under ``CI=true`` fail: there the part is to be there."""
    reason = f"there is no {what} to test against: install Debian's package, or start Docker"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Return once a server answers. Raises ``RuntimeError`` where it ended or takes too long."""

    def goes_on() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        return answers()

    wait_for(goes_on, repr(process.args))


def wait_for(answers: Callable[[], bool], what: str) -> None:
    """Return once something answers. Raises ``RuntimeError`` where that takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not answers():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} does not answer")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """End a process that was started here, and lay it to rest."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(SECONDS_TO_START)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
