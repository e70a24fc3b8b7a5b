"""How `holdfast serve` ends: soon, cleanly, and with a code that tells whether all went well."""

import json
import time
from pathlib import Path

import pytest

from infra.folder import DataFolder
from services.door_server import SECONDS_TO_FINISH
from tests.e2e.serve_given import HALF_A_REQUEST, connected, holder_of, run_spoilt, stop
from tests.faults.commands import holdfast, start_serve
from tests.faults.events import order, send
from tests.faults.folders import change, log_file, projection_file

REFUSED = 2


def test_a_request_sent_by_half_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    server = start_serve(tmp_path / "data")
    with connected(server.url) as connection:
        connection.sendall(HALF_A_REQUEST)
        assert send(server.url, order("meanwhile")).status == 202
        told = time.monotonic()

        code = stop(server)

        assert time.monotonic() - told < 2 * SECONDS_TO_FINISH
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer
    assert b'"type":"urn:holdfast:problem:too-slow"' in answer
    assert code == 0
    assert not [line for line in server.lines if "error" in line]
    assert server.lines[-1]["message"] == "stopped"


def test_a_connection_that_says_nothing_is_hung_up_on_at_once(tmp_path: Path) -> None:
    server = start_serve(tmp_path / "data")
    with connected(server.url):
        told = time.monotonic()

        assert stop(server) == 0
        assert time.monotonic() - told < SECONDS_TO_FINISH


@pytest.fixture
def unknown_type(tmp_path: Path) -> Path:
    """A folder whose log holds a fact of another release, and nothing folded from it."""
    data = tmp_path / "data"
    server = start_serve(data)
    assert send(server.url, order("1")).status == 202
    assert stop(server) == 0
    projection_file(data).unlink()
    statement = "UPDATE facts SET type = 'crm.order.imagined.v9' WHERE id = '1'"
    change(log_file(data), statement)
    return data


def wait_until_halted(data: Path) -> str:
    """Why the profiles stand still, as soon as the process that serves says so."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        halted = holder_of(data).halted
        if halted is not None:
            return halted
        time.sleep(0.02)
    raise TimeoutError("nothing stands still")


def test_profiles_that_stand_still_are_told_of_while_the_door_goes_on(unknown_type: Path) -> None:
    server = start_serve(unknown_type)
    try:
        why = wait_until_halted(unknown_type)
        token = holder_of(unknown_type).token
        accepted = send(server.url, order("2"))
        status = holdfast("status", "--data", unknown_type)
        as_json = holdfast("status", "--data", unknown_type, "--json")
    finally:
        code = stop(server)

    assert "crm.order.imagined.v9" in why
    assert accepted.status == 202
    assert "! The profiles stand still: partition 0 stands still at offset" in status.out
    assert "crm.order.imagined.v9" in as_json.out
    assert [(line["message"], line["reason"]) for line in server.at_level("error")] == [
        ("profiles stand still, the door goes on", why),
        ("this process ends", why),
    ]
    assert len(token) == 64
    assert token not in status.out + as_json.out + str(server.lines)
    assert code == REFUSED


@pytest.mark.parametrize(
    "spoil",
    [
        "from services.ingest.clock import DayClock; DayClock.follow_calendar = lambda _: 1 / 0",
        "from infra.stream.embedded import EmbeddedDriver; EmbeddedDriver.run = lambda _: 1 / 0",
    ],
    ids=["the clock", "the profiles"],
)
def test_where_a_part_fails_unforeseen_the_process_says_so_and_ends(
    tmp_path: Path, spoil: str
) -> None:
    ended = run_spoilt(spoil, tmp_path / "data")

    assert ended.returncode not in {0, REFUSED}
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    failed = next(line for line in lines if line["message"].startswith("this process ends"))
    assert "ZeroDivisionError" in failed["error"]
    assert "stopped" in [line["message"] for line in lines]
    assert DataFolder(tmp_path / "data").holder() is None
