"""Whatever answers in place of a serving process, or does not, is said in words with a way on."""

import datetime
import http.server
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from events.control import ClockMode, SourceScheduled
from infra.folder import DataFolder, FolderLock
from services import remote as remote_module
from services.ingest.import_desk import ImportOrder
from services.remote import Remote, RemoteRefusedError, serving_process

DAY = datetime.date(2026, 3, 14)
ORDER = ImportOrder((), "map.yaml")
GONE = "start `holdfast serve` anew, then repeat this command"


class Answering(http.server.BaseHTTPRequestHandler):
    """Gives every request the same answer, once it may, and keeps what it was asked."""

    server: "Elsewhere"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.server.asked.append(dict(self.headers))
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.may_answer.wait(timeout=30)
        status, body = self.server.says
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked may have given up
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Elsewhere(http.server.ThreadingHTTPServer):
    """Something that listens where a serving process did, and says what it is told to."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.says = status, body
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def answering(status: int, body: bytes) -> Iterator[Elsewhere]:
    with Elsewhere(status, body) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def complaint(url: str) -> str:
    """What a clock's command says of what is at a URL."""
    with closing(Remote(url, "token")) as remote, pytest.raises(RemoteRefusedError) as refused:
        remote.advance_clock(DAY, many_days=False)
    return str(refused.value)


def test_a_process_that_is_gone_is_said_to_be() -> None:
    with answering(200, b"") as server:
        url = server.url

    said = complaint(url)

    assert said.startswith(f"the process that serves the folder does not answer at {url}: ")
    assert GONE in said


@pytest.mark.parametrize(
    "url", ["http://::1:8750", "http://[::1", "http://host:port", "", "gopher://x"]
)
def test_a_url_that_is_none_is_said_to_be(url: str) -> None:
    with pytest.raises(RemoteRefusedError) as refused, closing(Remote(url, "token")) as remote:
        remote.advance_clock(DAY, many_days=False)

    assert GONE in str(refused.value)


@pytest.mark.parametrize("body", [b"Internal Server Error", b"", b"[]", b'{"title":"no detail"}'])
def test_a_failure_without_a_reason_points_to_the_log_of_the_process(body: bytes) -> None:
    with answering(500, body) as server:
        said = complaint(server.url)

        assert said == (
            f"the serving process at {server.url} failed with status 500; its own log says why"
        )


def test_a_refusal_is_told_in_its_own_words() -> None:
    with answering(409, b'{"detail":"2026-03-14 has not come"}') as server:
        assert complaint(server.url) == "2026-03-14 has not come"


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"opened":"many"}', b"\xff"])
def test_an_answer_of_another_program_is_not_taken_for_one(body: bytes) -> None:
    with answering(200, body) as server:
        said = complaint(server.url)

        assert f"what answers at {server.url} is no holdfast of this release" in said


def test_a_schedule_is_taken_as_the_process_says_it_back() -> None:
    said = b'{"source":"probe","services":["data"],"delay_days":1}'
    with answering(200, said) as server, closing(Remote(server.url, "s3cret")) as remote:
        remote.schedule_source(SourceScheduled("probe", ("data",), 1))

    assert [headers["holdfast-token"] for headers in server.asked] == ["s3cret"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (409, b'{"detail":"source meter has declared data already"}', "has declared data already"),
        (200, b"<html>", "is no holdfast of this release"),
        (200, b'{"source":"probe"}', "is no holdfast of this release"),
    ],
)
def test_a_schedule_that_is_not_taken_is_said_to_be(status: int, body: bytes, said: str) -> None:
    with (
        answering(status, body) as server,
        closing(Remote(server.url, "token")) as remote,
        pytest.raises(RemoteRefusedError, match=said),
    ):
        remote.schedule_source(SourceScheduled("probe", ("data",), 1))


def test_the_token_comes_with_every_command() -> None:
    with (
        answering(200, b'{"opened":3}') as server,
        closing(Remote(server.url, "s3cret")) as remote,
    ):
        assert remote.advance_clock(DAY, many_days=False) == 3
        assert remote.set_clock(ClockMode.LOG, many_days=True) is ClockMode.LOG
        with pytest.raises(RemoteRefusedError):
            remote.run_import(ORDER, lambda _: None)
        with pytest.raises(RemoteRefusedError):
            remote.abandon_import()

    assert [headers["holdfast-token"] for headers in server.asked] == ["s3cret"] * 5
    assert {headers["content-type"] for headers in server.asked} == {"application/json"}


def test_an_order_may_take_longer_than_an_answer_to_a_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_module, "SECONDS_FOR_AN_ANSWER", 0.05)
    with answering(200, b'{"opened":5000}') as server:
        server.may_answer.clear()
        threading.Timer(0.5, server.may_answer.set).start()

        with closing(Remote(server.url, "token")) as remote:
            assert remote.advance_clock(DAY, many_days=True) == 5000


def test_a_process_that_hangs_while_it_imports_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_module, "SECONDS_FOR_AN_ANSWER", 0.05)
    with answering(202, b"{}") as server:

        def hang(_: object) -> None:
            server.may_answer.clear()

        server.says = (202, b'{"type":"running","stage":"reading","done":0,"total":0}')
        with (
            closing(Remote(server.url, "token")) as remote,
            pytest.raises(RemoteRefusedError, match=r"does not answer at .*: timed out"),
        ):
            remote.run_import(ORDER, hang)
        server.may_answer.set()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (b'{"type":"failed","error":"the disk is full"}', "the disk is full"),
        (b'{"type":"idle"}', "the serving process was started anew; try again"),
    ],
)
def test_how_an_import_ended_without_success_is_told(state: bytes, said: str) -> None:
    with (
        answering(200, state) as server,
        closing(Remote(server.url, "token")) as remote,
        pytest.raises(RemoteRefusedError, match=said),
    ):
        remote.run_import(ORDER, lambda _: None)


def test_a_folder_that_nobody_serves_has_no_process_to_ask(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with serving_process(folder) as before, FolderLock(folder), serving_process(folder) as held:
        assert before is None
        assert held is None


def test_a_folder_that_is_served_tells_where_and_by_which_token(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with answering(200, b'{"opened":3}') as server, FolderLock(folder) as lock:
        lock.announce(server.url)
        with serving_process(folder) as remote:
            assert remote is not None
            assert remote.advance_clock(DAY, many_days=False) == 3

    assert server.asked[0]["holdfast-token"] == lock.token
