"""Folders with a log of their own, served by a process: what the tests of `holdfast serve` share."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from infra.folder import DataFolder, LockHolder
from tests.faults.commands import ROOT, Serving

HALF_A_REQUEST = (
    b"POST /v1/events HTTP/1.1\r\nhost: door\r\ncontent-type: application/cloudevents+json\r\n"
    b"content-length: 100\r\n\r\n{"
)


def stop(server: Serving) -> int:
    """Tell a server to stop, wait until it has, and return its code. It printed nothing."""
    server.process.send_signal(signal.SIGTERM)
    code = server.wait()
    assert server.process.stdout is not None
    assert server.process.stderr is not None
    with server.process.stdout as out, server.process.stderr:
        assert out.read() == ""
    return code


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A bare connection to a door."""
    place = urlsplit(url)
    assert place.hostname is not None
    assert place.port is not None
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        yield connection


def holder_of(data: Path) -> LockHolder:
    """Who holds a folder that is held."""
    holder = DataFolder(data).holder()
    assert holder is not None
    return holder


def run_spoilt(spoil: str, data: Path) -> "subprocess.CompletedProcess[str]":
    """Run `holdfast serve` with a part of it spoilt by a line of code, until it ends by itself."""
    code = f"{spoil}\nfrom services.cli import main\nmain()"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--data", str(data)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False, env=os.environ
    )
