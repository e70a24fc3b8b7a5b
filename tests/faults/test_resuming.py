"""An import that was broken off keeps the door shut until it is finished or given up."""

import signal
from pathlib import Path

import pytest

from tests.faults.commands import holdfast, holdfast_killed, import_arguments, serving
from tests.faults.conftest import RunHere
from tests.faults.events import order, send
from tests.faults.folders import facts_digest, log_file, rows
from tests.faults.killed import Moment

HALFWAY = Moment("append unanswered", from_offset=250, facts_a_batch=50)


@pytest.fixture
def broken_off(few_customers: Path, tmp_path: Path) -> Path:
    """A folder in which an import was killed half way."""
    data = tmp_path / "broken off"
    ended = holdfast_killed(HALFWAY, *import_arguments(data, few_customers))
    assert ended.code == -signal.SIGKILL, ended
    return data


def import_under_way(data: Path) -> str:
    """The id of the only import that the log knows."""
    ((import_id,),) = rows(log_file(data), "SELECT import_id FROM imports")
    return str(import_id)


def test_the_door_is_shut_after_a_restart_until_the_import_is_finished(
    broken_off: Path, few_customers: Path, imported_once: Path
) -> None:
    before = facts_digest(broken_off)
    with serving(broken_off) as server:
        shut = send(server.url, order("1"))
        assert facts_digest(broken_off) == before

        finished = holdfast(*import_arguments(broken_off, few_customers))

        opened = send(server.url, order("1"))

    assert (shut.status, shut.body["reason"]) == (503, "suspended")
    assert import_under_way(broken_off) in str(shut.body["detail"])
    assert shut.headers["retry-after"] == "10"
    assert finished.code == 0, finished
    assert opened.status == 422, "the log's clock stands in 2011, where today is the future"
    assert opened.body["reason"] == "future"
    assert holdfast("clock", "set", "log", "--data", broken_off).code == 0, "it folds what is left"
    wanted = holdfast("verify", "--data", imported_once).digest
    assert holdfast("verify", "--data", broken_off).digest == wanted


def test_giving_the_import_up_opens_the_door(broken_off: Path) -> None:
    with serving(broken_off) as server:
        assert send(server.url, order("1")).status == 503

        given_up = holdfast("import", "--abandon", "--data", broken_off)

        assert send(server.url, order("1")).body["reason"] == "future"
    assert given_up.code == 0, given_up
    assert import_under_way(broken_off) in given_up.out
    assert holdfast("verify", "--data", broken_off).code == 0


def test_giving_the_import_up_without_a_serve_keeps_what_was_appended(
    broken_off: Path, run_here: RunHere
) -> None:
    facts = rows(log_file(broken_off), "SELECT * FROM facts WHERE customer_id IS NOT NULL")

    given_up = run_here("import", "--abandon", "--data", broken_off)

    assert given_up.code == 0, given_up
    kept = rows(log_file(broken_off), "SELECT * FROM facts WHERE customer_id IS NOT NULL")
    assert kept == facts
    assert not list((broken_off / "imports").glob("*.spool*"))
    assert run_here("verify", "--data", broken_off).code == 0


def test_an_import_that_was_given_up_can_be_begun_anew_and_repeats_nothing(
    broken_off: Path, few_customers: Path, imported_once: Path, run_here: RunHere
) -> None:
    assert run_here("import", "--abandon", "--data", broken_off).code == 0

    again = run_here(*import_arguments(broken_off, few_customers))

    assert again.code == 0, again
    assert ids(broken_off) == ids(imported_once)
    assert run_here("verify", "--data", broken_off).code == 0


def ids(data: Path) -> list[tuple[object, ...]]:
    """What every fact is known by."""
    return rows(log_file(data), "SELECT source, id FROM facts WHERE id NOT NULL ORDER BY 1, 2")


def test_another_import_waits_for_the_one_that_was_broken_off(
    broken_off: Path, many_orders: Path, run_here: RunHere
) -> None:
    before = facts_digest(broken_off)

    ended = run_here(*import_arguments(broken_off, many_orders))

    assert ended.code == 2
    assert import_under_way(broken_off) in ended.complaint
    assert facts_digest(broken_off) == before


@pytest.mark.parametrize(
    "command",
    [["set", "wall", "--many-days"], ["advance", "--to", "2012-01-31"]],
    ids=lambda words: words[0],
)
def test_the_clock_waits_for_an_import_that_was_broken_off(
    broken_off: Path, run_here: RunHere, command: list[str]
) -> None:
    before = facts_digest(broken_off)

    ended = run_here("clock", *command, "--data", broken_off)

    assert ended.code == 2
    assert import_under_way(broken_off) in ended.complaint
    assert facts_digest(broken_off) == before


def test_repeating_a_finished_import_changes_nothing(
    imported: Path, few_customers: Path, run_here: RunHere
) -> None:
    facts = facts_digest(imported)
    control = rows(log_file(imported), "SELECT * FROM control")
    digest = run_here("verify", "--data", imported).digest

    ended = run_here(*import_arguments(imported, few_customers))

    assert ended.code == 0, ended
    assert facts_digest(imported) == facts
    assert rows(log_file(imported), "SELECT * FROM control") == control
    assert run_here("verify", "--data", imported).digest == digest
