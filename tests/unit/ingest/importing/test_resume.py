"""An import that was broken off goes on where it stopped, and comes to the same log and summary."""

import asyncio
import threading
from pathlib import Path

import pytest

from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from services.ingest.door import Door
from services.ingest.importing import second_pass
from services.ingest.importing.build import ensure_spool
from services.ingest.importing.first_pass import Progress, Report, Stage
from services.ingest.importing.in_thread import ReadingStoppedError, run_in_thread
from services.ingest.importing.refusals import ImportRefusedError, SpoolError
from services.ingest.importing.request import ImportRequest, import_job
from services.ingest.importing.run import abandon_import, run_import
from services.ingest.importing.summary import AbandonedImport, ImportSummary, NothingToAbandon
from tests.unit.ingest.door_given import LONDON
from tests.unit.ingest.importing.failing_log import failing_log
from tests.unit.ingest.importing.import_given import (
    events_in,
    ids_in,
    imported,
    london_log,
    request,
    shop_file,
    unheard,
)

ROWS = [f"{i},A,{i - 1},1.00,2010-12-{1 + i:02} 08:00,{17 + i % 3},France" for i in range(1, 12)]
ROWS += ["x,A,many,1.00,2010-12-05 08:00,17,France", "12,A,-5,1.00,2010-12-05 08:00,17,France"]
BATCHES = 7


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_pass, "FACTS_A_BATCH", 2)


@pytest.fixture
def asked(tmp_path: Path) -> ImportRequest:
    return request(tmp_path, [shop_file(tmp_path, *ROWS)])


def undisturbed(folder: Path) -> tuple[MemoryLog, ImportSummary]:
    """What the same import comes to when nothing goes wrong."""
    elsewhere = folder / "undisturbed"
    elsewhere.mkdir()
    log = london_log()
    return log, imported(log, request(elsewhere, [shop_file(elsewhere, *ROWS)]))


def test_the_import_has_as_many_batches_as_these_tests_break_off(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log, _ = undisturbed(tmp_path)

    assert len(events_in(log)) == 2 * BATCHES


@pytest.mark.parametrize("batch", range(1, BATCHES + 1))
@pytest.mark.parametrize("when", ["before it stands", "after it stands"])
def test_broken_off_at_any_batch_it_comes_to_the_same(
    when: str, batch: int, asked: ImportRequest, tmp_path: Path
) -> None:
    expected_log, expected_summary = undisturbed(tmp_path)
    log = asyncio.run(failing_log())
    if when == "before it stands":
        log.fails_before = batch
    else:
        log.fails_after = batch

    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    assert log.head is not None
    assert log.head.suspended_by == import_job(asked).id, "the log belongs to the import until then"
    summary = imported(log, asked)

    assert log.storage.facts == expected_log.storage.facts
    assert summary == expected_summary
    assert {letter.body for letter in log.dead_letters.values()} == {
        letter.body for letter in expected_log.dead_letters.values()
    }
    assert log.tallies == expected_log.tallies
    assert log.head.suspended_by is None


def test_broken_off_at_every_batch_one_after_the_other_it_comes_to_the_same(
    asked: ImportRequest, tmp_path: Path
) -> None:
    expected_log, expected_summary = undisturbed(tmp_path)
    log = asyncio.run(failing_log())

    for _ in range(BATCHES):
        log.appends, log.fails_after = 0, 1
        with pytest.raises(LogUnavailableError):
            imported(log, asked)
    log.fails_after = None
    summary = imported(log, asked)

    assert log.storage.facts == expected_log.storage.facts
    assert summary == expected_summary


def test_broken_off_at_the_burial_it_buries_each_letter_once(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log = asyncio.run(failing_log())
    log.fails_to_bury = True
    with pytest.raises(LogUnavailableError):
        imported(log, asked)

    log.fails_to_bury = False
    summary = imported(log, asked)

    assert len(log.dead_letters) == 2
    assert summary == undisturbed(tmp_path)[1]


def test_killed_after_the_end_it_still_says_what_it_did(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log = asyncio.run(failing_log())
    log.fails_to_end = True
    with pytest.raises(LogUnavailableError):
        imported(log, asked)

    summary = imported(log, asked)

    assert summary.already_finished
    assert summary.appended == undisturbed(tmp_path)[1].appended
    assert [path.suffix for path in asked.spool_dir.iterdir()] == [".json"]


def test_a_spool_that_was_still_being_built_is_thrown_away(asked: ImportRequest) -> None:
    building = asked.spool_dir / f"{import_job(asked).id}.building"
    building.parent.mkdir(parents=True)
    building.write_bytes(b"half a spool")

    summary = imported(london_log(), asked)

    assert summary.accounting.accounted() == len(ROWS)
    assert not building.exists()


def test_a_complete_spool_is_taken_up_without_reading_the_files_again(
    asked: ImportRequest,
) -> None:
    job = import_job(asked)
    path = ensure_spool(job, Door(LONDON), unheard, None)
    made = path.stat().st_ino

    assert ensure_spool(job, Door(LONDON), unheard, None) == path
    assert path.stat().st_ino == made


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_broken_spool_is_built_anew(content: bytes, asked: ImportRequest, tmp_path: Path) -> None:
    log = asyncio.run(failing_log())
    log.fails_after = 4
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    (asked.spool_dir / f"{import_job(asked).id}.spool").write_bytes(content)

    summary = imported(log, asked)

    expected_log, expected_summary = undisturbed(tmp_path)
    assert log.storage.facts == expected_log.storage.facts
    assert summary == expected_summary


def test_a_finished_import_repeated_changes_nothing_and_says_so(asked: ImportRequest) -> None:
    log = london_log()
    first = imported(log, asked)
    facts, control = list(log.storage.facts[0]), list(log.storage.control)
    tallies = dict(log.tallies)

    second = imported(log, asked)

    assert second.already_finished
    assert not first.already_finished
    assert (second.accounting, second.appended) == (first.accounting, first.appended)
    assert (log.storage.facts[0], log.storage.control, dict(log.tallies)) == (
        facts,
        control,
        tallies,
    )


def test_a_finished_import_is_summed_up_from_its_files_where_its_summary_is_lost(
    asked: ImportRequest,
) -> None:
    log = london_log()
    first = imported(log, asked)
    for path in asked.spool_dir.iterdir():
        path.unlink()

    second = imported(log, asked)

    assert second.already_finished
    assert second.accounting == first.accounting
    assert second.present == first.appended, "all of it stands there already"
    assert second.appended == {}


def test_the_same_facts_out_of_another_file_are_found_standing_there(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log = london_log()
    first = imported(log, asked)
    again = shop_file(tmp_path, *ROWS, "30,A,1,1.00,2010-12-20 08:00,17,France", name="more.csv")

    second = imported(log, request(tmp_path, [again]))

    assert second.present == first.appended
    assert second.appended == {"crm.order.placed.v1": 1}
    assert ids_in(log)[-1] == "order:30:17"
    assert second.accounting.accounted() == len(ROWS) + 1


def test_another_body_under_the_same_id_is_a_conflict_and_set_aside(
    asked: ImportRequest, tmp_path: Path
) -> None:
    log = london_log()
    imported(log, asked)
    before = events_in(log)
    changed = shop_file(tmp_path, "3,A,999,1.00,2010-12-04 08:00,17,France", name="changed.csv")

    summary = imported(log, request(tmp_path, [changed]))

    conflicts = {letter.place: letter for letter in log.dead_letters.values()}
    letter = conflicts[f"{changed}:2"]
    assert letter.reason == "conflict"
    assert "with another body" in letter.detail
    assert summary.accounting.dead_lettered == {"conflict": 1}
    assert summary.accounting.accepted == 0
    assert events_in(log) == before


def test_only_one_import_at_a_time_has_the_log(asked: ImportRequest, tmp_path: Path) -> None:
    log = asyncio.run(failing_log())
    log.fails_after = 3
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    other = request(tmp_path, [shop_file(tmp_path, ROWS[0], name="other.csv")])

    with pytest.raises(ImportRefusedError, match="is not finished; repeat it with the same files"):
        imported(log, other)


def test_an_abandoned_import_gives_the_log_back_and_keeps_what_it_appended(
    asked: ImportRequest,
) -> None:
    log = asyncio.run(failing_log())
    log.fails_after = 3
    with pytest.raises(LogUnavailableError):
        imported(log, asked)

    given_up = asyncio.run(abandon_import(log, asked.spool_dir))

    assert given_up == AbandonedImport(import_job(asked).id)
    assert log.head is not None
    assert log.head.suspended_by is None
    assert len(ids_in(log)) == 6
    assert list(asked.spool_dir.iterdir()) == []


def test_an_abandoned_import_can_be_begun_anew(asked: ImportRequest, tmp_path: Path) -> None:
    log = asyncio.run(failing_log())
    log.fails_after = 3
    with pytest.raises(LogUnavailableError):
        imported(log, asked)
    asyncio.run(abandon_import(log, asked.spool_dir))

    summary = imported(log, asked)

    assert summary.accounting.accounted() == len(ROWS)
    assert events_in(log) == events_in(undisturbed(tmp_path)[0])


def test_there_is_nothing_to_abandon_where_no_import_has_the_log(asked: ImportRequest) -> None:
    assert asyncio.run(abandon_import(london_log(), asked.spool_dir)) == NothingToAbandon()


def test_a_log_that_holds_more_than_the_files_give_is_refused(asked: ImportRequest) -> None:
    log = london_log()
    job = import_job(asked)

    async def begun_with_more() -> None:
        await log.begin_import(job.id, 1_000)
        await log.append([], import_id=job.id, done=1_000)

    asyncio.run(begun_with_more())

    with pytest.raises(SpoolError, match="the log has 1000 facts of this import, but its files"):
        imported(log, asked)


def test_a_log_that_was_never_created_takes_no_import(asked: ImportRequest) -> None:
    log = london_log()
    log._head = None

    with pytest.raises(LookupError, match="never created"):
        asyncio.run(run_import(log, Door(LONDON), asked, unheard))


def test_a_spool_that_cannot_be_written_is_an_error_that_says_what_to_do(
    asked: ImportRequest,
) -> None:
    asked.spool_dir.parent.mkdir(parents=True)
    asked.spool_dir.write_bytes(b"a file where the folder of spools should be")

    with pytest.raises(SpoolError, match="see that there is room and the right to write there"):
        imported(london_log(), asked)


def test_reading_stops_when_nobody_waits_for_it_any_more(asked: ImportRequest) -> None:
    steps: list[str] = []
    begun = threading.Event()

    def work(report: Report) -> None:
        begun.set()
        try:
            while True:
                report(Progress(Stage.READING, 1, 2))
        except ReadingStoppedError:
            steps.append("stopped")
            raise

    async def cancelled() -> None:
        reading = asyncio.create_task(run_in_thread(work, unheard))
        await asyncio.to_thread(begun.wait)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(cancelled())

    assert steps == ["stopped"], "the end of the loop waits for its threads"
