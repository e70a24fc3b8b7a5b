"""One import at a time in a serving process; how it fails is told, and what nobody foresaw is logged."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from events.control import ClockMode
from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from services.ingest.door import Door
from services.ingest.import_desk import LARGEST_MAP_BYTES, Done, Failed, ImportDesk, ImportOrder
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.importing.summary import NothingToAbandon
from tests.unit.ingest.door_given import LONDON, StandingClock
from tests.unit.ingest.importing.import_given import HEADER, SHOP_MAP

T = TypeVar("T")
WALL = StandingClock("2026-03-14T12:00:00+00:00")
LINES = HEADER + "1,LANTERN,1,2.50,2026-03-01 09:00,17850.0,UK\n"


class HeldUpLog(MemoryLog):
    """A log that fails at the end of an import as it is told to, or keeps it waiting there."""

    failure: Exception | None = None

    def __init__(self) -> None:
        super().__init__(1, WALL)
        self.going = asyncio.Event()
        self.going.set()

    async def end_import(self, import_id: str, **rest: object) -> None:
        await self.going.wait()
        if self.failure is not None:
            raise self.failure
        await super().end_import(import_id, **rest)  # type: ignore[arg-type]  # handed on as it came


class Given:
    """A desk with its log, and an order that it can carry out."""

    def __init__(self, log: HeldUpLog, folder: Path) -> None:
        self.log = log
        self.desk = ImportDesk(log, Door(LONDON), folder / "imports", WALL)
        self.map = folder / "shop.yaml"
        self.map.write_text(SHOP_MAP)
        lines = folder / "orders.csv"
        lines.write_text(LINES)
        self.order = ImportOrder((str(lines),), str(self.map))

    async def ended(self) -> None:
        """Wait for the import that runs."""
        task = self.desk._task
        assert task is not None
        await task


def at_desk(folder: Path, work: Callable[[Given], Awaitable[T]]) -> T:
    async def run() -> T:
        log = HeldUpLog()
        await log.create(LONDON, ClockMode.LOG)
        given = Given(log, folder)
        try:
            return await work(given)
        finally:
            await given.desk.close()

    return asyncio.run(run())


def test_an_import_is_carried_through(tmp_path: Path) -> None:
    async def work(given: Given) -> object:
        assert await given.desk.begin(given.order) == "begun"
        await given.ended()
        return given.desk.state

    state = at_desk(tmp_path, work)

    assert isinstance(state, Done)
    assert state.summary.accounting.lines == 1


def failing(folder: Path, failure: Exception) -> tuple[object, list[tuple[object, object]]]:
    """How an import ends that meets this failure, and what the log of the process says of it."""

    async def work(given: Given) -> object:
        given.log.failure = failure
        await given.desk.begin(given.order)
        await given.ended()
        return given.desk.state

    with capture_logs() as logged:
        state = at_desk(folder, work)
    return state, [(line["event"], line.get("exc_info")) for line in logged]


def test_what_nobody_foresaw_is_told_and_logged_with_its_trace(tmp_path: Path) -> None:
    assert failing(tmp_path, ZeroDivisionError()) == (
        Failed("ZeroDivisionError"),
        [("an import failed", True)],
    )


@pytest.mark.parametrize("kind", [ImportRefusedError, LogUnavailableError])
def test_what_can_be_mended_is_told_and_needs_no_trace(
    tmp_path: Path, kind: type[Exception]
) -> None:
    assert failing(tmp_path, kind("no room")) == (Failed("no room"), [])


def test_a_second_import_is_told_to_wait(tmp_path: Path) -> None:
    async def work(given: Given) -> list[str]:
        given.log.going.clear()
        begun = await asyncio.gather(*(given.desk.begin(given.order) for _ in range(3)))
        given.log.going.set()
        return list(begun)

    assert sorted(at_desk(tmp_path, work)) == ["begun", "busy", "busy"]


def test_nothing_begins_while_the_last_one_is_given_up(tmp_path: Path) -> None:
    async def work(given: Given) -> tuple[bool, object]:
        await given.log.begin_import("broken-off", 7)
        given.log.going.clear()
        abandoning = asyncio.create_task(given.desk.abandon())
        await asyncio.sleep(0)
        beginning = asyncio.create_task(given.desk.begin(given.order))
        done, _ = await asyncio.wait({beginning}, timeout=0.2)
        given.log.going.set()
        await abandoning
        await beginning
        await given.ended()
        return bool(done), given.desk.state

    begun_too_early, state = at_desk(tmp_path, work)

    assert not begun_too_early
    assert isinstance(state, Done)


def test_one_that_runs_is_not_given_up(tmp_path: Path) -> None:
    async def work(given: Given) -> object:
        given.log.going.clear()
        await given.desk.begin(given.order)
        busy = await given.desk.abandon()
        given.log.going.set()
        await given.ended()
        return busy, await given.desk.abandon()

    assert at_desk(tmp_path, work) == ("busy", NothingToAbandon())


def test_a_map_is_read_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    to_thread = asyncio.to_thread

    async def watched(work: Callable[..., T], *given: object) -> T:
        threads.append(work.__name__)
        return await to_thread(work, *given)

    monkeypatch.setattr(asyncio, "to_thread", watched)
    at_desk(tmp_path, lambda given: given.desk.begin(given.order))

    assert threads[0] == "_map_in"


def refused_map(folder: Path, make: Callable[[Path], object]) -> str:
    async def work(given: Given) -> None:
        await asyncio.to_thread(given.map.unlink)
        await asyncio.to_thread(make, given.map)
        await given.desk.begin(given.order)

    with pytest.raises(ImportRefusedError) as refused:
        at_desk(folder, work)
    return str(refused.value)


def test_a_pipe_is_no_map_and_is_not_waited_for(tmp_path: Path) -> None:
    assert "shop.yaml is no regular file" in refused_map(tmp_path, os.mkfifo)


def test_a_folder_is_no_map(tmp_path: Path) -> None:
    assert "shop.yaml is no regular file" in refused_map(tmp_path, Path.mkdir)


def test_a_huge_file_is_no_map(tmp_path: Path) -> None:
    def make(path: Path) -> None:
        path.write_bytes(b"#" * (LARGEST_MAP_BYTES + 1))

    assert "is longer than 1048576 bytes" in refused_map(tmp_path, make)
