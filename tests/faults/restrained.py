"""Runs `holdfast` in a process of its own that may do less: another user, or files of a limited size."""

import os
import resource
import sys
import tempfile
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from services import cli
from tests.faults.commands import FORKING, Ended

NOBODY = 65534


def as_nobody() -> None:
    """Give up the rights of the superuser, to whom nothing is read-only."""
    zoneinfo.ZoneInfo("Europe/London")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setegid(NOBODY)
        os.seteuid(NOBODY)


def with_small_files() -> None:
    """Let no file grow beyond 64 KiB, as a full disk would not."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))


def holdfast_restrained(restrain: Callable[[], None], *arguments: str | Path) -> Ended:
    """Run a command to its end under a restraint."""
    with tempfile.NamedTemporaryFile() as said:
        process = FORKING.Process(
            target=_run, args=(restrain, [str(argument) for argument in arguments], said.name)
        )
        process.start()
        process.join()
        code, text = process.exitcode, said.read().decode()
        process.close()
    assert code is not None
    return Ended(code, text, text)


def _run(restrain: Callable[[], None], arguments: list[str], said: str) -> None:
    output = os.open(said, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    restrain()
    sys.argv = ["holdfast", *arguments]
    cli.main()
