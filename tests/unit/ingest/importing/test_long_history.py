"""A stray early date would open every day since; it is refused before anything is written."""

import asyncio
from pathlib import Path

import pytest

from infra.log.port import LogUnavailableError
from services.ingest.importing import second_pass
from services.ingest.importing.refusals import LongHistoryError
from tests.unit.ingest.importing.failing_log import failing_log
from tests.unit.ingest.importing.import_given import (
    facts_in,
    imported,
    london_log,
    request,
    shop_file,
    tried,
)

LAST = "3,A,1,1.00,2011-12-09 08:00,17,France"
STRAY = "1,A,1,1.00,1970-01-01 08:00,18,France"
SECOND_STRAY = "2,A,1,1.00,1970-01-02 08:00,18,France"
TWENTY_YEARS_BEFORE = "1,A,1,1.00,1991-12-09 08:00,17,France"
A_DAY_MORE = "1,A,1,1.00,1991-12-08 08:00,17,France"


def test_it_is_refused_and_the_earliest_lines_are_named(tmp_path: Path) -> None:
    log = london_log()
    control = list(log.storage.control)
    file = shop_file(tmp_path, LAST, SECOND_STRAY, STRAY)

    with pytest.raises(LongHistoryError) as caught:
        imported(log, request(tmp_path, [file]))

    assert str(caught.value) == (
        "the facts reach from 1970-01-01 to 2011-12-09, which is more than 20 years, and every day "
        f"of them would be opened; the earliest are in {file}:4, {file}:3; if those dates are "
        "wrong, mend or skip the lines, else repeat the command with --long-history"
    )
    assert caught.value.places == (f"{file}:4", f"{file}:3")
    assert (facts_in(log), log.storage.control) == ([], control)
    assert list((tmp_path / "data" / "imports").iterdir()) == []


def test_a_dry_run_refuses_it_too(tmp_path: Path) -> None:
    with pytest.raises(LongHistoryError):
        tried(request(tmp_path, [shop_file(tmp_path, LAST, STRAY)]))


@pytest.mark.parametrize("name", ["imported", "tried"])
def test_it_is_let_in_where_that_is_asked_for(name: str, tmp_path: Path) -> None:
    asked = request(tmp_path, [shop_file(tmp_path, LAST, STRAY)], long_history=True)

    done = imported(london_log(), asked) if name == "imported" else tried(asked)

    assert done.accounting.accepted == 2
    assert done.days is not None
    assert done.days.first.year == 1970


def test_twenty_years_are_no_long_history_and_a_day_more_is_one(tmp_path: Path) -> None:
    imported(london_log(), request(tmp_path, [shop_file(tmp_path, LAST, TWENTY_YEARS_BEFORE)]))

    with pytest.raises(LongHistoryError):
        imported(london_log(), request(tmp_path, [shop_file(tmp_path, LAST, A_DAY_MORE)]))


def test_an_import_that_goes_on_was_asked_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 1)
    log = asyncio.run(failing_log())
    log.fails_after = 2
    file = shop_file(tmp_path, LAST, STRAY)
    with pytest.raises(LogUnavailableError):
        imported(log, request(tmp_path, [file], long_history=True))

    assert imported(log, request(tmp_path, [file])).accounting.accepted == 2
