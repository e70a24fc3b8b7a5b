"""Facts too late for the log's open day are found before anything is written."""

import asyncio
import datetime
from pathlib import Path

import pytest

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import ClockMode, ImportStarted
from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from infra.log.transaction import SeenDay
from services.ingest.door import Door
from services.ingest.importing import second_pass
from services.ingest.importing.first_pass import Progress, Stage
from services.ingest.importing.refusals import TooLateError
from services.ingest.importing.run import run_import
from tests.unit.ingest.door_given import LONDON, StandingClock
from tests.unit.ingest.importing.failing_log import failing_log
from tests.unit.ingest.importing.import_given import (
    NOON,
    SHOP_MAP,
    facts_in,
    ids_in,
    imported,
    london_log,
    request,
    shop_file,
    tried,
)

OPEN_DAY = "9,A,1,1.00,2011-06-30 08:00,17,France"
"""Opens 30 June 2011; 91 days before it is 31 March."""

HISTORY = (
    "1,A,1,1.00,2011-03-29 08:00,18,France",
    "2,A,1,1.00,2011-03-30 23:59,18,France",
    "3,A,1,1.00,2011-03-31 00:00,18,France",
    "4,A,1,1.00,2011-07-01 08:00,18,France",
)


def opened(folder: Path) -> MemoryLog:
    """A log whose open day is 30 June 2011."""
    log = london_log()
    imported(log, request(folder, [shop_file(folder, OPEN_DAY, name="first.csv")]))
    return log


def test_late_facts_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    log = opened(tmp_path)
    facts, control = list(log.storage.facts[0]), list(log.storage.control)
    asked = request(tmp_path, [shop_file(tmp_path, *HISTORY)])

    with pytest.raises(TooLateError) as caught:
        imported(log, asked)

    assert str(caught.value) == (
        "2 facts are too late: the earliest is of 2011-03-29, the log's open day is 2011-06-30; "
        f"first of them: {tmp_path}/sales.csv:2, {tmp_path}/sales.csv:3; import history into a "
        "new data folder, oldest files first or all in one import, or set these facts aside as "
        "dead letters with --dead-letter-late"
    )
    assert (caught.value.count, caught.value.earliest) == (2, "2011-03-29")
    assert (log.storage.facts[0], log.storage.control) == (facts, control)
    assert [path.suffix for path in asked.spool_dir.iterdir()] == [".json"], "of the first import"


def test_registrations_are_never_too_late(tmp_path: Path) -> None:
    log = opened(tmp_path)
    text = SHOP_MAP[: SHOP_MAP.index("  - type: crm.order.placed.v1")]

    summary = imported(log, request(tmp_path, [shop_file(tmp_path, *HISTORY)], text))

    assert summary.appended == {"crm.customer.registered.v1": 1}


def test_late_facts_are_set_aside_where_that_is_asked_for(tmp_path: Path) -> None:
    log = opened(tmp_path)
    asked = request(tmp_path, [shop_file(tmp_path, *HISTORY)], dead_letter_late=True)

    summary = imported(log, asked)

    assert ids_in(log)[2:] == ["customer:18", "order:3:18", "order:4:18"]
    letters = sorted(log.dead_letters.values(), key=lambda letter: letter.place)
    assert [letter.reason for letter in letters] == ["too-late", "too-late"]
    assert letters[0].place == f"{tmp_path}/sales.csv:2"
    assert letters[0].detail == "$.time: 93 days before the open day 2011-06-30; the limit is 91"
    assert b'"id":"order:1:18"' in letters[0].body
    assert summary.accounting.dead_lettered == {"too-late": 2}
    assert summary.accounting.accounted() == 4


def test_an_empty_log_takes_history_however_old(tmp_path: Path) -> None:
    log = london_log()

    imported(log, request(tmp_path, [shop_file(tmp_path, *HISTORY)]))

    assert len(facts_in(log)) == 5


def test_days_that_the_import_opened_itself_make_nothing_late_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 1)
    rows = [f"{i},A,1,1.00,20{10 + i}-01-01 08:00,17,France" for i in range(1, 6)]
    asked = request(tmp_path, [shop_file(tmp_path, *rows)])
    log = asyncio.run(failing_log())
    log.fails_after = 4
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    for spool in asked.spool_dir.iterdir():
        spool.unlink()

    summary = imported(log, asked)

    assert ids_in(log) == ["customer:17", *(f"order:{i}:17" for i in range(1, 6))]
    assert summary.accounting.accepted == 5


def test_an_import_that_goes_on_sets_aside_what_it_set_aside_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 1)
    log = asyncio.run(failing_log())
    imported(log, request(tmp_path, [shop_file(tmp_path, OPEN_DAY, name="first.csv")]))
    file = shop_file(tmp_path, *HISTORY)
    log.appends, log.fails_after = 0, 2
    asked = request(tmp_path, [file], dead_letter_late=True)
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    for spool in asked.spool_dir.glob("*.spool*"):
        spool.unlink()

    summary = imported(log, request(tmp_path, [file]))

    assert ids_in(log)[2:] == ["customer:18", "order:3:18", "order:4:18"]
    assert summary.accounting.dead_lettered == {"too-late": 2}


def test_the_day_that_counts_is_the_one_that_is_open_when_the_files_are_read(
    tmp_path: Path,
) -> None:
    log = opened(tmp_path)
    asked = request(tmp_path, [shop_file(tmp_path, *HISTORY[2:])])
    meanwhile = day_number(datetime.date(2011, 7, 3))

    def open_days(progress: Progress) -> None:
        if progress.stage is Stage.GROUPING:
            asyncio.run(log.advance(meanwhile))

    with pytest.raises(TooLateError, match=r"1 facts are too late.* open day is 2011-07-03"):
        asyncio.run(run_import(log, Door(LONDON), asked, open_days))

    assert log.head is not None
    assert log.head.suspended_by is None


class MovingLog(MemoryLog):
    """Opens a day at the very moment at which an import would take it, once."""

    moves_to: int | None = None

    async def begin_import(self, import_id: str, facts: int, seen: SeenDay | None = None) -> int:
        day, self.moves_to = self.moves_to, None
        if day is not None:
            await self.advance(day)
        return await super().begin_import(import_id, facts, seen)


async def moving_log() -> MovingLog:
    log = MovingLog(1, StandingClock(NOON))
    await log.create(LONDON, ClockMode.WALL)
    return log


def test_a_day_that_is_opened_as_the_import_begins_counts(tmp_path: Path) -> None:
    log = asyncio.run(moving_log())
    imported(log, request(tmp_path, [shop_file(tmp_path, OPEN_DAY, name="first.csv")]))
    log.moves_to = day_number(datetime.date(2011, 7, 3))
    asked = request(tmp_path, [shop_file(tmp_path, *HISTORY)], dead_letter_late=True)

    summary = imported(log, asked)

    assert summary.accounting.dead_lettered == {"too-late": 3}
    assert ids_in(log)[2:] == ["customer:18", "order:4:18"]
    started = [
        REGISTRY.decode(record.type, record.data)
        for record in log.storage.control
        if record.type == "crm.import.started.v1"
    ]
    assert started[-1] == ImportStarted(summary.import_id, 2, datetime.date(2011, 7, 3))


def test_a_dry_run_counts_late_facts(tmp_path: Path) -> None:
    report = tried(request(tmp_path, [shop_file(tmp_path, *HISTORY)]), open_day=15155)

    assert report.late == 2
    assert report.facts["crm.order.placed.v1"] == 4
