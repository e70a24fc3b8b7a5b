"""How a process of one role ends: told to, refused, or by a fault of ours."""

import signal
import subprocess
import sys

import pytest

BEGIN = """
import asyncio
from contextlib import asynccontextmanager
from infra.mendable import MendableError
from services import worker
worker.SECONDS_TO_STOP = 1.0

class Role:
    def __init__(self):
        self.told = asyncio.Event()
    async def run(self):
        print("begun", flush=True)
        WORK
    def stop(self):
        print("told to stop", flush=True)
        self.told.set()

@asynccontextmanager
async def opened():
    yield Role()
    print("closed", flush=True)

try:
    worker.run_role(opened)
except MendableError as error:
    print("refused:", error, flush=True)
    raise SystemExit(2)
"""


def started(work: str) -> "subprocess.Popen[str]":
    code = BEGIN.replace("WORK", work)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], stdout=pipe, stderr=pipe, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, list[str], str]:
    out, err = process.communicate(timeout=40)
    return process.returncode, out.splitlines(), err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_lets_its_role_finish(number: signal.Signals) -> None:
    process = started("await self.told.wait()")
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"

    process.send_signal(number)

    code, said, _ = ended(process)
    assert (code, said) == (0, ["told to stop", "closed"])


def test_a_role_that_does_not_finish_is_broken_off() -> None:
    process = started("await asyncio.Event().wait()")
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"

    process.send_signal(signal.SIGTERM)

    code, said, _ = ended(process)
    assert code == 0
    assert said[0] == "told to stop"
    assert "the stop took too long" in "".join(said)


def test_what_a_user_can_mend_is_handed_on_without_a_trace() -> None:
    code, said, err = ended(started('raise MendableError("start another")'))

    assert (code, said) == (2, ["begun", "refused: start another"])
    assert "Traceback" not in err


def test_a_fault_of_ours_ends_the_process_with_its_trace() -> None:
    code, said, _ = ended(started("1 / 0"))

    assert code == 1
    assert said[0] == "begun"
    assert "ZeroDivisionError" in "".join(said)


def test_a_role_that_has_nothing_left_to_do_ends_the_process() -> None:
    assert ended(started("return"))[:2] == (0, ["begun", "closed"])
