"""A dry run says what an import would do, reports how far it is, and touches nothing."""

import asyncio
import datetime
from pathlib import Path

from services.ingest.door import Door
from services.ingest.importing.claims import NoClaims
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.first_pass import LINES_A_REPORT, Progress, Stage
from services.ingest.importing.summary import FactDays, RefusedHere
from tests.unit.ingest.door_given import LONDON
from tests.unit.ingest.importing.import_given import (
    imported,
    london_log,
    request,
    shop_file,
    tried,
)


def test_a_dry_run_says_what_an_import_would_do(tmp_path: Path) -> None:
    file = shop_file(
        tmp_path,
        "1,A,1,1.00,2010-12-01 08:00,17,France",
        "2,A,1,1.00,2011-12-09 08:00,17,France",
        "3,A,x,1.00,2010-12-01 08:00,17,France",
    )
    asked = request(tmp_path, [file])

    report = tried(asked)

    assert report.facts == {"crm.customer.registered.v1": 1, "crm.order.placed.v1": 2}
    assert report.days == FactDays(datetime.date(2010, 12, 1), datetime.date(2011, 12, 9))
    assert report.refusals == (
        RefusedHere(
            place=f"{file}:4",
            reason="bad-number",
            detail="Pieces: 'x' is not integer",
            mend="mend the number in the file",
        ),
    )
    assert report.late == 0
    assert report.accounting.lines == 3


def test_a_dry_run_writes_nothing_in_the_data_folder(tmp_path: Path) -> None:
    asked = request(tmp_path, [shop_file(tmp_path, "1,A,1,1.00,2010-12-01 08:00,17,France")])

    tried(asked)

    assert not asked.spool_dir.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sales.csv"]


def test_a_dry_run_and_the_import_are_of_one_id(tmp_path: Path) -> None:
    asked = request(tmp_path, [shop_file(tmp_path, "1,A,1,1.00,2010-12-01 08:00,17,France")])

    assert tried(asked).import_id == imported(london_log(), asked).import_id


def test_a_dry_run_shows_the_first_ten_refusals_in_the_order_of_lines(tmp_path: Path) -> None:
    bad = [f"{i},A,x,1.00,2010-12-01 08:00,17,France" for i in range(20)]
    file = shop_file(tmp_path, *bad)

    report = tried(request(tmp_path, [file]))

    assert [refusal.place for refusal in report.refusals] == [f"{file}:{2 + i}" for i in range(10)]
    assert report.accounting.dead_lettered == {"bad-number": 20}


def test_progress_goes_from_bytes_read_to_facts_grouped(tmp_path: Path) -> None:
    rows = [f"{i},A,1,1.00,2010-12-01 08:00,17,France" for i in range(2 * LINES_A_REPORT + 1)]
    file = shop_file(tmp_path, *rows)
    heard: list[Progress] = []

    asked = request(tmp_path, [file])
    asyncio.run(dry_run(Door(LONDON), asked, heard.append, None, NoClaims()))

    read = [step for step in heard if step.stage is Stage.READING]
    grouped = [step for step in heard if step.stage is Stage.GROUPING]
    size = file.stat().st_size
    assert [step.total for step in read] == [size, size, size]
    assert [step.done for step in read] == sorted(step.done for step in read)
    assert read[-1] == Progress(Stage.READING, size, size)
    assert grouped[-1] == Progress(Stage.GROUPING, len(rows) + 1, len(rows) + 1)
    assert heard == read + grouped
