"""``GET /v1/quality``: the same figures, computed once a closed day and off the event loop."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import jsonschema
import msgspec
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from domain.learning.quality.report import QualityReport
from infra.folder import DataFolder
from services.ops import quality_desk
from services.ops.api import QUALITY_PATH, quality_router
from services.ops.quality import ClosedDay, quality_as_of
from services.ops.reading import Reading
from tests.conformance.faults import damage_pages
from tests.unit.ops.folders import order, written
from tests.unit.ops.snapshots import closed, outputs, reported, say, snapshot_folder, weekly

T = TypeVar("T")

Client = httpx.AsyncClient


def application(folder: DataFolder) -> FastAPI:
    app = FastAPI()
    app.include_router(quality_router(folder))
    return app


def asking(folder: DataFolder, work: Callable[[Client], Awaitable[T]]) -> T:
    """Do something with a client of a process that serves a folder."""

    async def run() -> T:
        transport = httpx.ASGITransport(application(folder))
        async with Client(transport=transport, base_url="http://door") as client:
            return await work(client)

    return asyncio.run(run())


def got(folder: DataFolder) -> httpx.Response:
    return asking(folder, lambda client: client.get(QUALITY_PATH))


class Computed:
    """Counts computations, and the threads that they ran in."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    async def report(self, reading: Reading, closed_: ClosedDay) -> QualityReport:
        self.threads.append(threading.get_ident())
        return await quality_as_of(reading, closed_)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Computed:
    counted = Computed()
    monkeypatch.setattr(quality_desk, "quality_as_of", counted.report)
    return counted


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return snapshot_folder(tmp_path_factory.mktemp("served"), 150)


def test_the_answer_is_the_report(folder: DataFolder) -> None:
    answer = got(folder)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = msgspec.json.decode(answer.content, type=QualityReport)
    assert found == reported(weekly(150), 150)
    assert answer.json()["second_half"]["active"]["auc"] == found.second_half.active.auc


def test_it_is_computed_once_and_not_on_the_event_loop(
    folder: DataFolder, computed: Computed
) -> None:
    async def at_once(client: Client) -> list[httpx.Response]:
        return await asyncio.gather(*(client.get(QUALITY_PATH) for _ in range(5)))

    answers = asking(folder, at_once)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(computed.threads) == 1
    assert computed.threads[0] != threading.get_ident()


def test_it_is_computed_anew_once_a_further_day_is_closed(
    tmp_path: Path, computed: Computed
) -> None:
    folder = snapshot_folder(tmp_path, 150)
    later = [one for one in weekly(151) if one not in set(weekly(150))]

    async def before_and_after(client: Client) -> list[QualityReport]:
        found = []
        for news in (outputs([], 1), outputs(later, 2), outputs([closed(151)], 3)):
            await asyncio.to_thread(say, folder, news)
            answer = await client.get(QUALITY_PATH)
            found.append(msgspec.json.decode(answer.content, type=QualityReport))
        return found

    first, half_way, after = asking(folder, before_and_after)

    assert first == half_way == reported(weekly(150), 150)
    assert after == reported(weekly(151), 151)
    assert len(computed.threads) == 2


def test_before_the_first_label_the_answer_is_200_with_nulls(tmp_path: Path) -> None:
    answer = got(snapshot_folder(tmp_path, 40))

    assert answer.status_code == 200
    assert answer.json()["second_half"]["active"]["auc"] is None
    assert answer.json()["first_figure_on"] == "2011-05-25"


def test_before_a_day_was_closed_the_answer_is_404(tmp_path: Path) -> None:
    answer = got(written(tmp_path, [order("A", 1)], fold=False))

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:holdfast:problem:nothing-folded"


def test_a_log_that_cannot_be_read_is_said_and_tried_again(tmp_path: Path) -> None:
    folder = snapshot_folder(tmp_path, 40)
    damage_pages(folder.log)

    with capture_logs() as logged:
        answer = got(folder)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json()["reason"] == "log-unreadable"
    assert "log.db" not in answer.text, "paths are for the server's own log"
    assert [line["event"] for line in logged] == ["the log cannot be read"]
    assert "malformed" in logged[0]["reason"]


def described(folder: DataFolder) -> dict[str, dict[str, object]]:
    operation = application(folder).openapi()["paths"][QUALITY_PATH]["get"]
    assert operation["operationId"] == "read_quality"
    responses: dict[str, dict[str, object]] = operation["responses"]
    return responses


def test_every_answer_is_described(folder: DataFolder) -> None:
    responses = described(folder)

    assert {status: list(answer["content"]) for status, answer in responses.items()} == {
        "200": ["application/json"],
        "404": ["application/problem+json"],
        "503": ["application/problem+json"],
    }


@pytest.mark.parametrize("last", [0, 40, 150])
def test_answers_are_as_the_document_says(tmp_path: Path, last: int) -> None:
    folder = snapshot_folder(tmp_path, last)
    schema = described(folder)["200"]["content"]["application/json"]["schema"]

    jsonschema.Draft202012Validator(schema).validate(got(folder).json())
