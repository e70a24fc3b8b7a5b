"""`holdfast import` on a folder: what it makes, what it refuses to make, and how far it says it is."""

import datetime
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from events.control import ClockMode
from infra.clock import Clock, SystemClock
from infra.folder import DataFolder
from infra.sqlite.connection import StoreError
from services.embedded import Engine, open_engine
from services.importing import ImportCommand, abandon_command, plan_command, run_command
from services.ingest.importing import build, run
from services.ingest.importing.refusals import ImportRefusedError, InputError, LongHistoryError
from services.ingest.importing.summary import DryRunReport, ImportSummary
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.remote import RemoteRefusedError
from services.steps import Step
from tests.faults.commands import serving
from tests.unit.ingest.importing.import_given import SHOP_MAP, shop_file, write

ROWS = (
    "1,A,1,1.00,2010-12-01 08:00,17,France",
    "2,A,1,1.00,2011-12-09 08:00,18,France",
    "3,A,1,1.00,2011-12-09 09:00,18,France",
)
STRAY = "4,A,1,1.00,1970-01-01 08:00,17,France"
WITHOUT_LOG = SHOP_MAP.replace("log: {timezone: Europe/London, currency: GBP}\n", "")
SETTINGS = IngestSettings()
WALL = SystemClock()


class BrokenOffError(Exception):
    """Something broke an import off."""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def command(folder: DataFolder, *rows: str, map_text: str = SHOP_MAP) -> ImportCommand:
    beside = folder.path.parent
    map_file = write(beside, "shop.map.yaml", map_text)
    return ImportCommand(folder, (shop_file(beside, *rows),), map_file)


def imported(asked: ImportCommand, steps: list[Step] | None = None) -> ImportSummary:
    heard = [] if steps is None else steps
    return run_command(asked, SETTINGS, WALL, heard.append)


def planned(asked: ImportCommand) -> DryRunReport:
    return plan_command(asked, SETTINGS, WALL, lambda _: None)


def broken_off(asked: ImportCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave an import as one that ended when all was appended and nothing was accounted for."""

    async def no_burial(*_: object) -> None:
        raise BrokenOffError

    with monkeypatch.context() as patched:
        patched.setattr(run, "bury_all", no_burial)
        with pytest.raises(BrokenOffError):
            imported(asked)


def facts_in(folder: DataFolder) -> int:
    with closing(sqlite3.connect(folder.log)) as connection:
        query = "SELECT count(*) FROM facts WHERE customer_id IS NOT NULL"
        return int(connection.execute(query).fetchone()[0])


@pytest.mark.parametrize(
    ("rows", "map_text", "error"),
    [
        ((*ROWS, "5,A,1"), SHOP_MAP, InputError),
        ((*ROWS, STRAY), SHOP_MAP, LongHistoryError),
        (ROWS, SHOP_MAP.replace("time: Date", "time: Day", 1), ImportRefusedError),
    ],
    ids=["a row too short", "a stray date", "a bad map"],
)
def test_a_first_import_that_is_refused_makes_no_log(
    rows: tuple[str, ...], map_text: str, error: type[Exception], folder: DataFolder
) -> None:
    with pytest.raises(error):
        imported(command(folder, *rows, map_text=map_text))

    assert not folder.log.exists()
    assert list(folder.path.rglob("*.db*")) == []
    assert list(folder.path.rglob("*.building")) == []


def test_a_file_that_is_not_there_makes_no_folder(folder: DataFolder) -> None:
    asked = command(folder, *ROWS)
    asked.files[0].unlink()

    with pytest.raises(InputError):
        imported(asked)

    assert not folder.path.exists()


def test_after_a_refusal_the_log_is_made_as_the_next_map_says(folder: DataFolder) -> None:
    in_pounds = command(folder, *ROWS, "5,A,1")
    with pytest.raises(InputError):
        imported(in_pounds)

    summary = imported(command(folder, *ROWS, map_text=SHOP_MAP.replace("GBP", "EUR")))

    assert summary.appended == {"crm.customer.registered.v1": 2, "crm.order.placed.v1": 3}


def test_files_are_read_once_for_a_log_that_is_yet_to_be_made(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Path] = []
    build_spool = build.build_spool

    def counted(job: object, door: object, path: Path, report: object) -> None:
        built.append(path)
        build_spool(job, door, path, report)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(build, "build_spool", counted)

    imported(command(folder, *ROWS))

    assert [path.suffix for path in built] == [".building"]
    assert [path.suffixes for path in folder.spools.iterdir()] == [[".summary", ".json"]]


def test_what_was_read_ahead_is_read_again_where_the_log_came_to_be_another(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes the log, of other days, when the files are read and no log is made."""
    asked = command(folder, "1,A,1,1.00,2010-12-01 23:30,17,France", map_text=WITHOUT_LOG)
    in_tokyo = NewLog("Asia/Tokyo", "GBP", SETTINGS.namespace, ClockMode.LOG)

    @asynccontextmanager
    async def second_to_another(
        where: DataFolder, new_log: NewLog, wall: Clock
    ) -> AsyncIterator[Engine]:
        async with open_engine(where, in_tokyo, wall):
            pass
        async with open_engine(where, new_log, wall) as engine:
            yield engine

    monkeypatch.setattr("services.importing.open_engine", second_to_another)

    settings = IngestSettings(currency="GBP", business_timezone="Europe/London")
    summary = run_command(asked, settings, WALL, lambda _: None)

    assert summary.days is not None
    assert summary.days.first == datetime.date(2010, 12, 2), "London's evening is Tokyo's morning"
    assert list(folder.spools.glob("*.building")) == []


def test_looking_makes_nothing(folder: DataFolder) -> None:
    assert planned(command(folder, *ROWS)).accounting.accepted == 3

    assert not folder.path.exists()


def test_there_is_nothing_to_give_up_where_there_is_no_log(folder: DataFolder) -> None:
    with pytest.raises(StoreError, match=r"log\.db does not exist; `holdfast import` or"):
        abandon_command(folder, SETTINGS, WALL)

    assert not folder.path.exists()


def test_there_is_nothing_to_give_up_after_an_import(folder: DataFolder) -> None:
    imported(command(folder, *ROWS))

    assert abandon_command(folder, SETTINGS, WALL) is None


def test_given_up_and_repeated_an_import_is_carried_through(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = command(folder, *ROWS, "5,A,x,1.00,2011-12-09 09:00,18,France")
    broken_off(asked, monkeypatch)

    given_up = abandon_command(folder, SETTINGS, WALL)
    assert planned(asked).late == 0
    summary = imported(asked)

    assert given_up is not None
    assert given_up.import_id == summary.import_id
    assert summary.present == {"crm.customer.registered.v1": 2, "crm.order.placed.v1": 3}
    assert summary.accounting.dead_lettered == {"bad-number": 1}
    assert facts_in(folder) == 5


def test_every_stage_ends_at_its_total(folder: DataFolder) -> None:
    steps: list[Step] = []

    imported(command(folder, *ROWS), steps)

    ends = {step.stage: step for step in steps}
    assert list(ends) == ["reading", "grouping", "appending", "folding"]
    assert [step for step in ends.values() if step.done != step.total] == []
    assert ends["appending"].total == 5
    assert ends["folding"].total > 375, "days and facts"


def test_folding_ends_at_its_total_where_nothing_is_left_to_fold(folder: DataFolder) -> None:
    steps: list[Step] = []
    imported(command(folder, *ROWS))

    summary = imported(command(folder, *ROWS), steps)

    assert summary.already_finished
    assert (steps[-1].stage, steps[-1].done) == ("folding", steps[-1].total)


def test_in_a_serving_process_the_stage_that_was_heard_of_last_ends_at_its_total(
    folder: DataFolder,
) -> None:
    imported(command(folder, ROWS[0]))
    rows = [f"{i},A,1,1.00,2010-12-01 08:00,{i % 400},France" for i in range(10, 4_010)]
    steps: list[Step] = []

    with serving(folder.path):
        summary = imported(command(folder, *rows), steps)

    assert summary.accounting.accepted == 4_000
    heard = [step for step in steps if step.stage != "folding"]
    assert heard[-1].done == heard[-1].total, "whichever stage a question happened to meet last"


def test_an_import_through_a_serving_process_ends_when_all_of_it_is_folded(
    folder: DataFolder,
) -> None:
    imported(command(folder, ROWS[0]))
    rows = [f"{i},A,1,1.00,2010-12-01 08:00,{i % 400},France" for i in range(10, 4_010)]
    steps: list[Step] = []

    with serving(folder.path):
        imported(command(folder, *rows), steps)
        with closing(sqlite3.connect(f"file:{folder.log}?mode=ro", uri=True)) as log:
            (end,) = log.execute("SELECT max(offset) FROM facts").fetchone()

    assert steps[-1] == Step("folding", end + 1, end + 1)


def test_a_serving_process_takes_a_long_history_where_that_is_asked_for(
    folder: DataFolder,
) -> None:
    """The log follows the wall, so that the order of 1970 is too late for it as well."""
    asked = command(folder, STRAY, ROWS[0], map_text=WITHOUT_LOG)
    with serving(folder.path):
        with pytest.raises(RemoteRefusedError, match="repeat the command with --long-history"):
            imported(asked)
        with pytest.raises(RemoteRefusedError, match="are too late"):
            imported(ImportCommand(folder, asked.files, asked.map, long_history=True))
