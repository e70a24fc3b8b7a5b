"""The `holdfast` command in processes of its own: run to its end, killed on the way, or serving."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from services import cli
from tests.faults.killed import Moment, prepare_to_die

ROOT = Path(__file__).parents[2]
MAP = ROOT / "samples" / "online-retail.map.yaml"
SAMPLE = ROOT / "samples" / "online-retail-sample.csv.gz"
FORKING = multiprocessing.get_context("forkserver")
ENTRIES = [f"services.commands.{module}" for module in sorted(set(cli.MODULES.values()))]
FORKING.set_forkserver_preload(["tests.faults.commands", *ENTRIES])
HOLDFAST = ("-c", "from services.cli import main; main()")


class Ended(msgspec.Struct, frozen=True):
    """How a command ended: its code (minus the signal where one killed it) and what it said."""

    code: int
    out: str
    err: str

    @property
    def digest(self) -> str:
        """The digest that `verify` printed as its last line."""
        word, _, digits = self.out.rstrip().rpartition("\n")[2].partition(" ")
        assert word == "digest", self
        return digits

    @property
    def complaint(self) -> str:
        """The one line of stderr by which it was refused, or what `serve` logged as the reason."""
        said = self.err.splitlines()
        lines = [line for line in said if line.startswith("holdfast: ")]
        lines += [json.loads(line)["reason"] for line in said if '"this process ends"' in line]
        assert len(lines) == 1, self
        assert "Traceback" not in self.err, self
        return lines[0]


def holdfast(*arguments: str | Path) -> Ended:
    """Run a command to its end in a process of its own."""
    return holdfast_after(_as_it_is, *arguments)


def holdfast_killed(moment: Moment, *arguments: str | Path) -> Ended:
    """Run a command that dies at this moment."""
    return holdfast_after(partial(prepare_to_die, moment), *arguments)


def holdfast_after(prepare: Callable[[], None], *arguments: str | Path) -> Ended:
    """Run a command in a process of its own, which calls ``prepare`` first.

    It is forked off a process that has imported everything, which saves most of the time.
    """
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        given = (prepare, [str(argument) for argument in arguments], out.name, err.name)
        process = FORKING.Process(target=_run, args=given)
        process.start()
        process.join()
        code = process.exitcode
        assert code is not None
        process.close()
        return Ended(code, out.read().decode(), err.read().decode())


def _run(prepare: Callable[[], None], arguments: list[str], out: str, err: str) -> None:
    for number, name in ((1, out), (2, err)):
        os.dup2(os.open(name, os.O_WRONLY), number)
    prepare()
    sys.argv = ["holdfast", *arguments]
    cli.main()


def _as_it_is() -> None:
    """Prepare nothing."""


def import_arguments(data: Path, file: Path = SAMPLE) -> list[str | Path]:
    """The command that imports a part of Online Retail into a folder."""
    return ["import", file, "--map", MAP, "--data", data]


class Serving:
    """A `holdfast serve` that listens. What it logs is read away and kept in ``lines``."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, err: IO[str]) -> None:
        self.process = process
        self.url = url
        self.lines: list[dict[str, object]] = []
        self._thread = threading.Thread(target=self._read, args=(err,))
        self._thread.start()

    def kill(self) -> None:
        """End it as `kill -9` does. May be called from any thread, and again."""
        self.process.kill()

    def wait(self) -> int:
        """Wait for its end and return its code."""
        code = self.process.wait(timeout=60)
        self._thread.join()
        return code

    def at_level(self, *levels: str) -> list[dict[str, object]]:
        """Its lines of these levels."""
        return [line for line in self.lines if line["level"] in levels]

    def _read(self, err: IO[str]) -> None:
        for line in err:
            self.lines.append(json.loads(line))


def start_serve(data: Path, *arguments: str) -> Serving:
    """Start `holdfast serve` on a port that the kernel chooses, and wait until it listens."""
    command = [sys.executable, *HOLDFAST, "serve", "--data", str(data), "--port", "0", *arguments]
    environment = {**os.environ, "HOLDFAST_CURRENCY": "GBP"}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
    except BaseException:
        process.kill()
        raise
    if not first:
        raise AssertionError(f"serve did not start: {process.communicate()}")
    said = json.loads(first)
    assert said["message"] == "serving", said
    return Serving(process, said["url"], process.stderr)


@contextmanager
def serving(data: Path, *arguments: str) -> Iterator[Serving]:
    """A `holdfast serve` that is told to stop when the block ends, and stops cleanly."""
    server = start_serve(data, *arguments)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    finally:
        server.process.terminate()
        server.wait()
        _close_pipes(server)
    assert server.process.returncode == 0, server.lines


@contextmanager
def serving_until_killed(data: Path) -> Iterator[Serving]:
    """A `holdfast serve` that is dead when the block ends."""
    server = start_serve(data)
    try:
        yield server
    finally:
        server.kill()
        server.wait()
        _close_pipes(server)


def _close_pipes(server: Serving) -> None:
    for pipe in (server.process.stdout, server.process.stderr):
        assert pipe is not None
        pipe.close()
