"""An import that was given up is accounted for, and its command given again carries it through."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from infra.log.port import LogUnavailableError
from services.ingest.door import Door
from services.ingest.importing import second_pass
from services.ingest.importing.build import spool_path
from services.ingest.importing.claims import NoClaims
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.request import ImportRequest, import_job
from services.ingest.importing.run import abandon_import
from services.ingest.importing.summary import AbandonedImport
from tests.unit.ingest.door_given import LONDON
from tests.unit.ingest.importing.failing_log import FailingLog, failing_log
from tests.unit.ingest.importing.import_given import (
    ids_in,
    imported,
    london_log,
    request,
    shop_file,
    unheard,
)

YEARS = [f"{i},A,1,1.00,20{i:02}-01-01 08:00,17,France" for i in range(1, 11)]
"""An order a year: by the open day of the last, those of all years before are too late."""

BAD_ROWS = ["x,A,many,1.00,2005-12-05 08:00,17,France", "12,A,-5,1.00,2009-12-05 08:00,17,France"]
ORDERS = [f"order:{i}:17" for i in range(1, 11)]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 2)


@pytest.fixture
def asked(tmp_path: Path) -> ImportRequest:
    return request(tmp_path, [shop_file(tmp_path, *YEARS, *BAD_ROWS)])


def broken_off(asked: ImportRequest, *, after: int) -> FailingLog:
    """A log that holds the first batches of an import that was broken off, unanswered the last."""
    log = asyncio.run(failing_log())
    log.fails_after = after
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    log.fails_after = None
    return log


def abandoned(asked: ImportRequest, *, after: int) -> FailingLog:
    log = broken_off(asked, after=after)
    asyncio.run(abandon_import(log, asked.spool_dir))
    return log


@pytest.mark.parametrize("after", range(1, 7))
def test_repeated_it_is_carried_through_wherever_it_was_given_up(
    after: int, asked: ImportRequest
) -> None:
    log = abandoned(asked, after=after)
    standing = len(ids_in(log))

    summary = imported(log, asked)

    assert ids_in(log) == ["customer:17", *ORDERS]
    assert sum(summary.present.values()) == standing
    assert sum(summary.appended.values()) == 11 - standing
    assert log.head is not None
    assert log.head.suspended_by is None


@pytest.mark.parametrize("dead_letter_late", [False, True])
def test_what_it_opened_itself_makes_nothing_late_when_it_is_repeated(
    dead_letter_late: bool, asked: ImportRequest, tmp_path: Path
) -> None:
    undisturbed = imported(london_log(), asked)
    log = abandoned(asked, after=4)

    again = request(tmp_path, asked.files, dead_letter_late=dead_letter_late)
    summary = imported(log, again)

    assert summary.accounting == undisturbed.accounting
    assert summary.accounting.dead_lettered == {"bad-number": 1, "invalid": 1}


def test_what_came_too_late_meanwhile_is_refused_and_what_stands_is_not(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log = abandoned(asked, after=4)
    assert len(ids_in(log)) == 8
    other = shop_file(tmp_path, "30,A,1,1.00,2025-01-01 08:00,18,France", name="other.csv")
    imported(log, request(tmp_path, [other]))

    again = request(tmp_path, asked.files, dead_letter_late=True)
    summary = imported(log, again)

    assert summary.accounting.dead_lettered == {"bad-number": 1, "invalid": 1, "too-late": 3}
    assert summary.present == {"crm.customer.registered.v1": 1, "crm.order.placed.v1": 7}
    assert summary.appended == {}


def test_a_dry_run_counts_nothing_late_that_stands(asked: ImportRequest) -> None:
    log = abandoned(asked, after=4)
    assert log.head is not None
    day = log.head.open_day

    standing = asyncio.run(dry_run(Door(LONDON), asked, unheard, day, log))
    elsewhere = asyncio.run(dry_run(Door(LONDON), asked, unheard, day, NoClaims()))

    assert (standing.late, elsewhere.late) == (0, 6)


@pytest.mark.parametrize("after", range(1, 7))
def test_its_dead_letters_are_kept_and_its_facts_are_counted(
    after: int, asked: ImportRequest
) -> None:
    log = abandoned(asked, after=after)

    assert {letter.reason for letter in log.dead_letters.values()} == {"bad-number", "invalid"}
    assert log.tallies == {
        ("shop", "accepted"): len(ids_in(log)),
        ("shop", "bad-number"): 1,
        ("shop", "invalid"): 1,
    }


def test_abandoned_and_repeated_every_fact_is_accepted_once_and_then_a_duplicate(
    asked: ImportRequest,
) -> None:
    log = abandoned(asked, after=3)
    letters = dict(log.dead_letters)

    imported(log, asked)

    assert log.tallies["shop", "accepted"] == len(ids_in(log)) == 11
    assert log.tallies["shop", "duplicate"] == 6
    assert log.dead_letters == letters, "the same letter is kept once"


def test_giving_up_appends_nothing(asked: ImportRequest) -> None:
    log = broken_off(asked, after=3)
    before = list(log.storage.facts[0])

    given_up = asyncio.run(abandon_import(log, asked.spool_dir))

    assert given_up == AbandonedImport(import_job(asked).id)
    assert log.storage.facts[0][: len(before)] == before
    assert [record.customer_id for record in log.storage.facts[0][len(before) :]] == []


def test_it_is_given_up_without_its_files(asked: ImportRequest) -> None:
    log = broken_off(asked, after=3)
    (file,) = asked.files
    file.unlink()

    asyncio.run(abandon_import(log, asked.spool_dir))

    places = {letter.place for letter in log.dead_letters.values()}
    assert places == {f"{file}:12", f"{file}:13"}
    assert list(asked.spool_dir.iterdir()) == []


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"", None])
def test_a_lost_spool_keeps_nobody_from_giving_up(
    content: bytes | None, asked: ImportRequest
) -> None:
    log = broken_off(asked, after=3)
    spool = spool_path(asked.spool_dir, import_job(asked).id)
    spool.unlink()
    if content is not None:
        spool.write_bytes(content)

    asyncio.run(abandon_import(log, asked.spool_dir))

    assert log.head is not None
    assert log.head.suspended_by is None
    assert log.tallies == Counter()
    assert imported(log, asked).accounting.accepted == 10


def test_where_letters_cannot_be_buried_the_import_keeps_the_log(asked: ImportRequest) -> None:
    log = broken_off(asked, after=3)
    log.fails_to_bury = True

    with pytest.raises(LogUnavailableError):
        asyncio.run(abandon_import(log, asked.spool_dir))

    assert log.head is not None
    assert log.head.suspended_by == import_job(asked).id
    log.fails_to_bury = False
    asyncio.run(abandon_import(log, asked.spool_dir))
    assert len(log.dead_letters) == 2
    assert log.tallies["shop", "accepted"] == 6
