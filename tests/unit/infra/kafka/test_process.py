"""A process is known again by its id and an argument, and ends by its id alone."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.kafka import process

WAITS = "import sys; print('up', flush=True); sys.stdin.read()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITS


def started(code: str, *arguments: str) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    return child


def buried(child: "subprocess.Popen[str]") -> None:
    child.kill()
    child.communicate()


@pytest.fixture
def waiting() -> Iterator["subprocess.Popen[str]"]:
    child = started(WAITS, "/some/server.properties")
    yield child
    buried(child)


def test_it_is_known_by_its_argument(waiting: "subprocess.Popen[str]") -> None:
    assert process.is_running(waiting.pid, "/some/server.properties")


def test_another_that_got_the_same_id_is_not_taken_for_it(
    waiting: "subprocess.Popen[str]",
) -> None:
    assert not process.is_running(waiting.pid, "/other/server.properties")


def test_it_ends_when_asked(waiting: "subprocess.Popen[str]") -> None:
    process.end(waiting.pid)

    assert not process.is_running(waiting.pid, "/some/server.properties")


def test_one_that_does_not_listen_is_killed() -> None:
    child = started(DEAF)

    process.end(child.pid, seconds=0.2)

    assert not process.is_running(child.pid, sys.executable)
    buried(child)


def test_one_that_has_ended_is_left_in_peace() -> None:
    child = started(WAITS)
    buried(child)

    process.end(child.pid)

    assert not process.is_running(child.pid, sys.executable)


ABANDONS_A_CHILD = (
    "import os, sys\n"
    "pid = os.fork()\n"
    "if pid == 0: os._exit(0)\n"
    "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
    "print(pid, flush=True); sys.stdin.read()"
)
"""Starts a child, sees it end without laying it to rest, and says its id."""


def test_one_whose_end_nobody_asked_after_is_not_running() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ABANDONS_A_CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())

        assert not process.is_running(orphan, sys.executable)
