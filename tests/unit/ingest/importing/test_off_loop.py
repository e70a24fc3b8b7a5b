"""While files are imported, the process goes on serving: spools are worked on in threads."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.log.port import LogUnavailableError
from services.ingest.importing import second_pass
from services.ingest.importing.in_thread import off_loop
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.run import abandon_import
from services.ingest.importing.spool_file import Row, SpoolFile
from tests.unit.ingest.importing.failing_log import failing_log
from tests.unit.ingest.importing.import_given import imported, london_log, request, shop_file

OPEN_DAY = "9,A,1,1.00,2011-06-30 08:00,17,France"
ROWS = (
    "1,A,1,1.00,2011-03-29 08:00,18,France",
    "2,A,1,1.00,2011-07-01 08:00,18,France",
    "3,A,x,1.00,2011-07-01 08:00,18,France",
    "9,A,2,1.00,2011-06-30 08:00,17,France",
)
"""A late order, one in time, a bad cell and a conflict: every kind of work on a spool."""


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> set[threading.Thread]:
    """The threads in which spools were read or written from now on."""
    seen: set[threading.Thread] = set()
    rows, stream = SpoolFile.rows, SpoolFile.stream
    write = SpoolFile.write

    def rows_seen(spool: SpoolFile, query: str, parameters: tuple[int, ...] = ()) -> list[Row]:
        seen.add(threading.current_thread())
        return rows(spool, query, parameters)

    def stream_seen(spool: SpoolFile, query: str) -> Iterator[Row]:
        seen.add(threading.current_thread())
        yield from stream(spool, query)

    def write_seen(spool: SpoolFile, query: str, given: object) -> None:
        seen.add(threading.current_thread())
        write(spool, query, given)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(SpoolFile, "rows", rows_seen)
    monkeypatch.setattr(SpoolFile, "stream", stream_seen)
    monkeypatch.setattr(SpoolFile, "write", write_seen)
    return seen


@pytest.fixture
def asked(tmp_path: Path) -> ImportRequest:
    return request(tmp_path, [shop_file(tmp_path, *ROWS)], dead_letter_late=True)


def test_an_import_works_on_its_spool_beside_the_loop(
    asked: ImportRequest, tmp_path: Path, threads: set[threading.Thread]
) -> None:
    log = london_log()
    imported(log, request(tmp_path, [shop_file(tmp_path, OPEN_DAY, name="first.csv")]))
    threads.clear()

    summary = imported(log, asked)

    assert summary.accounting.dead_lettered == {"bad-number": 1, "conflict": 1, "too-late": 1}
    assert threads
    assert threading.main_thread() not in threads


def test_giving_up_works_on_the_spool_beside_the_loop(
    asked: ImportRequest, threads: set[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 1)
    log = asyncio.run(failing_log())
    log.fails_after = 2
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    threads.clear()

    asyncio.run(abandon_import(log, asked.spool_dir))

    assert log.dead_letters
    assert threads
    assert threading.main_thread() not in threads


def test_who_is_cancelled_waits_until_nothing_is_worked_on_any_more() -> None:
    steps: list[str] = []
    begun, goes_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        goes_on.wait()
        steps.append("ended")

    async def cancelled() -> None:
        working = asyncio.create_task(off_loop(work))
        await asyncio.to_thread(begun.wait)
        working.cancel()
        await asyncio.sleep(0)
        assert not working.done()
        goes_on.set()
        with pytest.raises(asyncio.CancelledError):
            await working
        steps.append("cancelled")

    asyncio.run(cancelled())

    assert steps == ["ended", "cancelled"]
