"""A `holdfast` role in a process of its own: forked, with a clock that the soak sets, and moments to die at."""

import ctypes
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from domain.detection import silence
from infra.clock import SystemClock
from infra.log import writer_turn
from infra.log.writer_lease import WriterLease
from infra.stream import faust_app, kafka, turn
from services import cli
from tests.faults.commands import ENTRIES, FORKING
from tests.faults.soak.moments import Watch

FORKING.set_forkserver_preload(["tests.faults.soak.launched", "tests.faults.commands", *ENTRIES])
DIE_WITH_PARENT = 1
"""``PR_SET_PDEATHSIG`` of Linux."""

MICROSECONDS = 1_000_000
BRISK_LEASE, BRISK_SILENCE = 4.0, 6.0


class Launch(msgspec.Struct, frozen=True):
    """What a process is given: arguments, environment, where it logs.

    ``clock``, where not empty, is a file with the seconds by which its clock is ahead; ``armed`` is
    the file that may name a moment. Who is ``brisk`` takes a silent process for dead sooner;
    ``other_fold`` is a release that raises a silence sooner.
    """

    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: str
    clock: str
    armed: str
    broker_port: int
    brisk: bool = False
    other_fold: bool = False


def launch(what: Launch) -> BaseProcess:
    """Start it, off a process that has imported everything."""
    process = FORKING.Process(target=_run, args=(what,), daemon=True)
    process.start()
    return process


def _run(what: Launch) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    for number in (1, 2):
        os.dup2(os.open(what.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    for name in [name for name in os.environ if name.startswith("HOLDFAST_")]:
        del os.environ[name]
    os.environ.update(what.environment)
    if what.brisk:
        _be_brisk()
    if what.other_fold:
        silence.RAISE_ABOVE = silence.CLEAR_AT
    if what.clock:
        _set_clock(Path(what.clock))
    Watch(Path(what.armed), what.broker_port).install()
    sys.argv = ["holdfast", *what.arguments]
    cli.main()


def _be_brisk() -> None:
    WriterLease.__init__.__defaults__ = (BRISK_LEASE,)
    writer_turn.SECONDS_OF_A_LEASE = BRISK_LEASE
    kafka.SECONDS_OF_SILENCE = faust_app.SECONDS_OF_SILENCE = BRISK_SILENCE
    turn.MILLISECONDS_OF_SILENCE = int(BRISK_SILENCE * 1_000)


def _set_clock(file: Path) -> None:
    now = SystemClock.now

    def shifted(clock: SystemClock) -> int:
        return now(clock) + int(file.read_text()) * MICROSECONDS

    SystemClock.now = shifted  # type: ignore[method-assign]  # on purpose, in this process only
