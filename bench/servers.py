"""Servers as processes of their own: ``holdfast serve``, and an endpoint that does nothing."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from infra.folder import DataFolder

SECONDS_TO_START = 60.0


@contextlib.contextmanager
def holdfast_serve(data: Path) -> Iterator[int]:
    """Run ``holdfast serve`` on a folder; give its port. It must end cleanly."""
    command = ["-c", "from services.cli import main; main()", "serve", "--port", "0", "--data"]
    with _process([*command, str(data)]) as process:
        yield _announced_port(DataFolder(data), process)


@contextlib.contextmanager
def no_op_serve() -> Iterator[int]:
    """Run the endpoint that does nothing; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with _process(["-m", "bench.no_op", str(port)]) as process:
        _wait_for(port, process)
        yield port


@contextlib.contextmanager
def _process(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _announced_port(folder: DataFolder, process: subprocess.Popen[bytes]) -> int:
    for _ in _attempts(process):
        holder = folder.holder()
        if holder is not None and holder.url is not None:
            port = int(holder.url.rpartition(":")[2])
            _wait_for(port, process)
            return port
    raise TimeoutError("holdfast serve did not say where it listens")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in _attempts(process):
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
    raise TimeoutError(f"nothing listens on port {port}")


def _attempts(process: subprocess.Popen[bytes]) -> Iterator[None]:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ChildProcessError(f"the server ended with exit code {process.returncode}")
        yield
        time.sleep(0.05)
