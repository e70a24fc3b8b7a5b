"""Commands to a process that serves, wherever it listens; and all who are not to command it."""

import http.client
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from infra.folder import DataFolder, FolderLock
from services.door_server import local_url
from tests.e2e.serve_given import connected, stop
from tests.faults.commands import (
    Serving,
    holdfast,
    holdfast_after,
    import_arguments,
    serving,
    start_serve,
)
from tests.faults.events import order, send
from tests.faults.folders import facts_digest
from tests.faults.restrained import as_nobody

REFUSED = 2
OPEN_TO_ALL = "the door is open to other machines and there is no sign-in"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@pytest.mark.parametrize(
    ("host", "reached", "warned"),
    [
        ("127.0.0.1", "http://127.0.0.1:", False),
        ("0.0.0.0", "http://127.0.0.1:", True),
        pytest.param("::1", "http://[::1]:", False, marks=NEEDS_IPV6),
        pytest.param("::", "http://[::1]:", True, marks=NEEDS_IPV6),
    ],
)
def test_wherever_it_listens_its_commands_reach_it(
    tmp_path: Path, host: str, reached: str, *, warned: bool
) -> None:
    data = tmp_path / "data"
    with serving(data, "--host", host) as server:
        assert server.url.startswith(reached)
        assert send(server.url, order("1")).status == 202
        ended = holdfast("clock", "set", "log", "--data", data)

    assert (ended.code, ended.err) == (0, "")
    said = [line for line in server.lines if str(line["message"]).startswith(OPEN_TO_ALL)]
    assert bool(said) is warned


def test_an_address_of_the_network_is_announced_as_it_is() -> None:
    assert local_url("192.0.2.7", 8750) == "http://192.0.2.7:8750"
    assert local_url("2001:db8::7", 8750) == "http://[2001:db8::7]:8750"


def posted(url: str, path: str, headers: dict[str, str], body: str) -> tuple[int, bytes]:
    """The answer to a request with exactly these headers."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=60)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def few_lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One order of the shop of the sample."""
    path = tmp_path_factory.mktemp("lines") / "orders.csv"
    path.write_text(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    )
    return path


class Served(msgspec.Struct, frozen=True):
    """A folder into which one order was imported, and the process that serves it."""

    data: Path
    server: Serving


@pytest.fixture(scope="module")
def served(few_lines: Path) -> Iterator[Served]:
    """In a folder that every user of the machine can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as reachable:
        Path(reachable).chmod(0o755)
        data = Path(reachable) / "data"
        assert holdfast(*import_arguments(data, few_lines)).code == 0
        server = start_serve(data)
        try:
            yield Served(data, server)
        finally:
            code = stop(server)
        assert (code, server.at_level("warning", "error")) == (0, [])


def test_a_web_page_that_reaches_it_by_a_name_of_its_own_begins_nothing(
    served: Served, few_lines: Path
) -> None:
    headers = {
        "Host": "rebound.example",
        "Origin": "http://rebound.example",
        "Content-Type": "application/json",
    }
    before = facts_digest(served.data)
    body = f'{{"files":["{few_lines}"],"map":"samples/online-retail.map.yaml"}}'

    status, answer = posted(served.server.url, "/v1/imports/current", headers, body)

    assert status == 403
    assert b'"reason":"not-allowed"' in answer
    assert facts_digest(served.data) == before


@pytest.mark.parametrize("forwarded", ["not-an-ip", "127.0.0.1", "::1, 127.0.0.1"])
def test_what_a_proxy_says_of_the_sender_changes_nothing(served: Served, forwarded: str) -> None:
    headers = {"X-Forwarded-For": forwarded, "Content-Type": "application/json"}

    refused, _ = posted(served.server.url, "/v1/clock", headers, '{"mode":"log"}')
    read, _ = posted(served.server.url, "/v1/events", headers, "{}")

    assert (refused, read) == (403, 400)


def test_a_sender_that_was_refused_is_hung_up_on_however_much_it_has_to_say(
    served: Served,
) -> None:
    head = b"POST /v1/clock HTTP/1.1\r\nhost: door\r\ncontent-length: 99999999\r\n\r\n"
    received = b""
    with connected(served.server.url) as connection:
        connection.sendall(head)
        while piece := connection.recv(65536):
            received += piece

    assert received.startswith(b"HTTP/1.1 403 ")


def test_an_import_goes_through_the_process_that_serves(served: Served, few_lines: Path) -> None:
    ended = holdfast(*import_arguments(served.data, few_lines), "--json")
    abandoned = holdfast("import", "--abandon", "--data", served.data)

    assert ended.code == 0, ended.err
    assert '"already_finished":true' in ended.out
    assert "No import is under way." in abandoned.out


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can become another user")
def test_another_user_of_the_machine_looks_and_does_not_command(served: Served) -> None:
    mode = stat.S_IMODE((served.data / "holdfast.lock").stat().st_mode)
    command = holdfast_after(as_nobody, "clock", "set", "log", "--data", served.data)
    look = holdfast_after(as_nobody, "status", "--data", served.data)

    assert mode == 0o600
    assert command.code == REFUSED, command
    assert "Permission denied" in command.complaint
    assert look.code == 0, look.err
    assert "nobody, or another user's process" in look.out


def test_years_of_days_are_opened_through_it_only_where_they_are_meant(served: Served) -> None:
    refused = holdfast("clock", "set", "wall", "--data", served.data)
    opened = holdfast("clock", "advance", "--to", "2011-12-31", "--data", served.data)

    assert refused.code == REFUSED
    assert "give --many-days" in refused.complaint
    assert "Opened 395 days" in opened.out


def test_a_process_that_hangs_up_is_said_not_to_answer(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:1")
        ended = holdfast("clock", "set", "log", "--data", folder.path)

    assert ended.code == REFUSED
    assert "does not answer at http://127.0.0.1:1" in ended.complaint
