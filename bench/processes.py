"""Processes that a benchmark runs beside itself: started, waited for, ended by their own ids."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 60.0
SECONDS_BETWEEN_LOOKS = 0.05
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_USER_TIME = 11
"""Where it stands in ``/proc/PID/stat``, counted from behind the name; the system's time follows."""


class Running(msgspec.Struct, frozen=True):
    """A process, and the file that it logs to."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def cpu_seconds(self) -> float:
        """Return how long it kept processors busy so far."""
        fields = (
            Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        )
        ticks = int(fields[_USER_TIME]) + int(fields[_USER_TIME + 1])
        return ticks / TICKS_A_SECOND

    def check(self) -> None:
        """Raise ``ChildProcessError`` with what it said last where it has ended."""
        code = self.process.poll()
        if code is not None:
            said = self.log.read_text("utf-8", "replace")[-2000:]
            raise ChildProcessError(f"{self.name} ended with exit code {code}:\n{said}")

    def looks(self, seconds: float = SECONDS_TO_START) -> Iterator[None]:
        """Yield again and again while something is waited for. Raises ``TimeoutError``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            yield
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise TimeoutError(f"{self.name}: what was waited for did not come in {seconds:.0f} s")

    def wait_for_port(self, port: int) -> None:
        """Return once somebody listens there."""
        for _ in self.looks():
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
                return


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run a command until left; its first two words name it."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield Running(" ".join(command[:2]), process, log)
    finally:
        process.terminate()
        process.wait(timeout=SECONDS_TO_STOP)


def holdfast(*arguments: str) -> list[str]:
    """Return the `holdfast` command of this very environment."""
    return [sys.executable, "-c", "from services.cli import main; main()", *arguments]


def free_port() -> int:
    """Return a port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
