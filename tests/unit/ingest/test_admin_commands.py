"""Commands are taken from who brings the token, in bounded JSON; what goes wrong is a problem."""

import asyncio
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from events.calendar import day_number
from events.control import ClockMode
from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from services.ingest.admin import CLOCK_PATH, IMPORTS_PATH, admin_router
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.ingest.import_desk import ImportDesk
from services.token_guard import TOKEN_HEADER
from tests.unit.ingest.door_given import LONDON, OPEN_DATE, OPEN_DAY, StandingClock, opened_log

TOKEN = "5f" * 32
WALL = StandingClock("2026-03-20T12:00:00+00:00")
TO_THE_18TH = '{"advance_to":"2026-03-18"}'
AS_A_TERMINAL: dict[str, str | bytes] = {TOKEN_HEADER: TOKEN, "content-type": "application/json"}
ROUTES = [("POST", CLOCK_PATH), *((method, IMPORTS_PATH) for method in ("POST", "GET", "DELETE"))]


class FullDisk(MemoryLog):
    """A log that cannot write any more."""

    async def advance(self, up_to: int) -> None:
        raise LogUnavailableError("disk full")


class Asking(msgspec.Struct, frozen=True):
    """One request."""

    method: str = "POST"
    path: str = CLOCK_PATH
    headers: Mapping[str, str | bytes] = msgspec.field(default_factory=AS_A_TERMINAL.copy)
    body: str | bytes = TO_THE_18TH


async def log_of(kind: Callable[..., MemoryLog] = MemoryLog) -> MemoryLog:
    """A log whose clock stands on the 14th of March 2026."""
    log = await opened_log(WALL, ClockMode.LOG)
    other = kind(4, WALL)
    vars(other).update(vars(log))
    return other


async def asked(log: MemoryLog, asking: Asking, spools: Path = Path("nowhere")) -> httpx.Response:
    door = Door(LONDON)
    app = FastAPI()
    clock = DayClock(log, door, WALL)
    app.include_router(admin_router(log, clock, ImportDesk(log, door, spools, WALL), TOKEN))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://rebound.example") as client:
        return await client.request(
            asking.method, asking.path, headers=asking.headers, content=asking.body
        )


def answer_to(asking: Asking, kind: Callable[..., MemoryLog] = MemoryLog) -> httpx.Response:
    async def run() -> httpx.Response:
        return await asked(await log_of(kind), asking)

    return asyncio.run(run())


def test_with_the_token_a_command_is_carried_out() -> None:
    async def run() -> tuple[httpx.Response, int | None]:
        log = await log_of()
        return await asked(log, Asking()), log.head.open_day if log.head else None

    answer, open_day = asyncio.run(run())

    assert (answer.status_code, answer.json()) == (200, {"opened": 4})
    assert open_day == OPEN_DAY + 4


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TOKEN_HEADER: ""},
        {TOKEN_HEADER: TOKEN[:-1]},
        {TOKEN_HEADER: TOKEN + "0"},
        {TOKEN_HEADER: TOKEN.upper()},
        {TOKEN_HEADER: "\xff"},
        {"x-forwarded-for": "127.0.0.1", "host": "127.0.0.1"},
    ],
)
def test_without_the_token_nobody_commands(method: str, path: str, headers: dict[str, str]) -> None:
    encoded = {"content-type": "application/json", **headers}

    async def run() -> tuple[httpx.Response, int | None]:
        log = await log_of()
        raw = {name: value.encode("latin-1") for name, value in encoded.items()}
        answer = await asked(log, msgspec.structs.replace(Asking(method, path), headers=raw))
        return answer, log.head.open_day if log.head else None

    answer, open_day = asyncio.run(run())

    assert (answer.status_code, answer.json()["reason"]) == (403, "not-allowed")
    assert answer.headers["connection"] == "close"
    assert open_day == OPEN_DAY


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_web_page_may_send_unasked_is_no_command(
    method: str, path: str, media_type: str
) -> None:
    headers = {TOKEN_HEADER: TOKEN, "content-type": media_type}

    assert answer_to(Asking(method, path, headers)).status_code == 403


def test_a_long_order_is_refused_before_it_is_read() -> None:
    answer = answer_to(Asking(body=b" " * (64 * 1024 + 1)))

    assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")
    assert answer.json()["detail"] == "the body is longer than 65536 bytes"
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("body", ["", "{", '{"advance_to":"soon"}', '{"unknown":1}', b"\xff"])
def test_an_order_that_cannot_be_read_is_malformed(body: str | bytes) -> None:
    answer = answer_to(Asking(body=body))

    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")


def test_what_the_clock_refuses_is_told() -> None:
    answer = answer_to(Asking(body='{"advance_to":"2026-03-21"}'))

    assert (answer.status_code, answer.json()["reason"]) == (409, "clock-refused")
    assert answer.json()["detail"] == "2026-03-21 has not come; today is 2026-03-20"


def test_many_days_are_opened_where_they_are_meant() -> None:
    async def run() -> tuple[httpx.Response, httpx.Response]:
        log = MemoryLog(1, WALL)
        await log.create(LONDON, ClockMode.LOG)
        await log.advance(day_number(datetime.date(2011, 1, 1)))
        asking = '{"advance_to":"2026-03-14"%s}'
        refused = await asked(log, Asking(body=asking % ""))
        return refused, await asked(log, Asking(body=asking % ',"many_days":true'))

    refused, opened = asyncio.run(run())

    assert "give --many-days" in refused.json()["detail"]
    assert opened.json() == {"opened": (OPEN_DATE - datetime.date(2011, 1, 1)).days}


def test_a_log_that_cannot_write_is_said_to_be_unavailable() -> None:
    with capture_logs() as logged:
        answer = answer_to(Asking(), FullDisk)

    assert (answer.status_code, answer.json()["reason"]) == (503, "log-unavailable")
    assert answer.headers["retry-after"] == "10"
    assert [(line["event"], line["reason"]) for line in logged] == [
        ("the log cannot write", "disk full")
    ]


def test_how_an_import_goes_is_told_by_the_token_only() -> None:
    assert answer_to(Asking("GET", IMPORTS_PATH)).json() == {"type": "idle"}


def test_there_may_be_nothing_to_abandon() -> None:
    answer = answer_to(Asking("DELETE", IMPORTS_PATH))

    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_map_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    order = {"files": [], "map": str(tmp_path / name)}
    answer = answer_to(Asking("POST", IMPORTS_PATH, body=msgspec.json.encode(order)))

    assert (answer.status_code, answer.json()["reason"]) == (422, "import-refused")
    assert str(tmp_path) in answer.json()["detail"]
