"""`holdfast serve` opens the console on this machine alone, says where, and ends with pages still open."""

import time
from pathlib import Path

import httpx

from tests.e2e.serve_given import holder_of, stop
from tests.faults.commands import start_serve

MOST_SECONDS_TO_END = 8.0


def test_serve_says_where_the_console_is_and_ends_while_pages_listen(tmp_path: Path) -> None:
    server = start_serve(tmp_path)
    console = holder_of(tmp_path).console

    assert console is not None
    assert console.startswith("http://127.0.0.1:")
    assert httpx.get(f"{console}/ops").status_code == 200
    with httpx.stream("GET", f"{console}/live", timeout=30) as live:
        first = next(live.iter_lines())
        began = time.monotonic()
        code = stop(server)

    assert first.startswith(("id: ", "event: pulse"))
    assert code == 0
    assert time.monotonic() - began < MOST_SECONDS_TO_END


def test_the_door_may_listen_elsewhere_and_the_console_never_does(tmp_path: Path) -> None:
    server = start_serve(tmp_path, "--host", "0.0.0.0")
    console = holder_of(tmp_path).console

    assert console is not None
    assert console.startswith("http://127.0.0.1:")
    stop(server)
