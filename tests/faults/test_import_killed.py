"""An import that is killed again and again ends as one that nobody disturbed."""

import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.commands import Ended, holdfast, holdfast_killed, import_arguments
from tests.faults.folders import facts_digest, log_file, models, rows, settle, tallies
from tests.faults.killed import Moment

SEED = 20101201

CLASSES = {
    "append": ("append", "append unanswered"),
    "claim": ("claim",),
    "fold": ("fold", "day step"),
    "publish": ("publish", "publishing", "published"),
    "state commit": ("state commit", "state committed"),
    "day opening": ("day opening", "day written"),
    "import progress": ("import progress", "import progress recorded"),
    "learn": ("learn",),
    "model decision": ("model deciding", "model decided"),
    "course commit": ("course commit", "course committed"),
}
"""What must be broken off at least once, and the points that do it."""

PASSINGS = {"fold": 40, "day opening": 2, "day written": 2}
"""Points that are passed often: any of so many passings may be the last."""

IN_A_RUN = sorted(point for points in CLASSES.values() for point in points)
WHILE_LEARNING = ("learn", "model decision", "course commit")
AT_THE_EDGES = (
    "log created",
    "projection created",
    "lines spooled",
    "spool sealed",
    "spool built",
    "import beginning",
    "import begun",
    "letters buried",
    "import ending",
    "import ended",
    "summary kept",
)


def seeded_moments(records: int, kills: int, facts_a_batch: int) -> list[Moment]:
    """Moments spread over a log of so many records: one in each stretch, every point in turn."""
    chance = random.Random(SEED)
    points = [IN_A_RUN[number % len(IN_A_RUN)] for number in range(kills)]
    chance.shuffle(points)
    stretch = 0.9 * records / kills
    return [
        Moment(
            point,
            from_offset=int(stretch * (number + chance.random())),
            passing=chance.randint(1, PASSINGS.get(point, 1)),
            facts_a_batch=facts_a_batch,
        )
        for number, point in enumerate(points)
    ]


def imported_with_kills(data: Path, file: Path, moments: list[Moment]) -> Ended:
    """Import with a kill at each moment in turn, each time by the same command; then to the end."""
    for moment in moments:
        ended = holdfast_killed(moment, *import_arguments(data, file))
        assert ended.code == -signal.SIGKILL, (moment, ended)
    return holdfast(*import_arguments(data, file))


def kills_by_class(moments: list[Moment]) -> Counter[str]:
    """How many of the moments broke off each kind of step."""
    names = {point: name for name, points in CLASSES.items() for point in points}
    return Counter(names[moment.point] for moment in moments)


def assert_same_log(broken: Path, unbroken: Path) -> None:
    """Both folders verify, with one digest and the same models; the same facts were counted."""
    found, wanted = (holdfast("verify", "--relearn", "--data", data) for data in (broken, unbroken))
    assert (found.code, wanted.code) == (0, 0), (found, wanted)
    assert found.digest == wanted.digest
    facts = (
        "SELECT offset, type, customer_id, source, id, time, day, data FROM facts"
        " WHERE customer_id IS NOT NULL ORDER BY offset"
    )
    assert rows(log_file(broken), facts) == rows(log_file(unbroken), facts)
    assert tallies(broken) == tallies(unbroken)
    assert models(broken) == models(unbroken)


def run_killed_at_twenty_moments(
    folder: Path, file: Path, facts_a_batch: int, told: pytest.CaptureFixture[str]
) -> None:
    unbroken, broken = folder / "unbroken", folder / "broken"
    whole = holdfast(*import_arguments(unbroken, file))
    assert whole.code == 0, whole.err
    settle(unbroken)
    (records,) = rows(log_file(unbroken), "SELECT count(*) FROM facts")[0]
    moments = seeded_moments(records, 20, facts_a_batch)

    resumed = imported_with_kills(broken, file, moments)

    assert resumed.code == 0, resumed.err
    assert resumed.out == whole.out, "the summary accounts for every line as if nothing happened"
    assert_same_log(broken, unbroken)
    counts = kills_by_class(moments)
    with told.disabled():
        sys.stdout.write(f"\nkills by step: {dict(sorted(counts.items()))}\n")
    assert set(counts) == set(CLASSES)
    assert counts.total() == 20


@pytest.mark.timeout(600)
def test_import_killed_at_20_seeded_moments(
    many_orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_killed_at_twenty_moments(tmp_path, many_orders, facts_a_batch=25, told=capsys)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_import_of_the_full_file_killed_at_20_seeded_moments(
    datasets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole_file = datasets / "online_retail.csv.gz"
    run_killed_at_twenty_moments(tmp_path, whole_file, facts_a_batch=500, told=capsys)


def test_import_killed_at_each_step_before_and_after_its_facts(
    few_customers: Path, imported_once: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    moments = [Moment(point) for point in AT_THE_EDGES]

    resumed = imported_with_kills(broken, few_customers, moments)

    assert resumed.code == 0, resumed.err
    assert_same_log(broken, imported_once)


def test_import_killed_while_it_learns_of_matured_labels(
    few_customers: Path, imported_once: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    (records,) = rows(log_file(imported_once), "SELECT count(*) FROM facts")[0]
    points = [point for name in WHILE_LEARNING for point in CLASSES[name]]
    moments = [
        Moment(point, from_offset=int(records * (0.5 + 0.08 * number)))
        for number, point in enumerate(points)
    ]

    resumed = imported_with_kills(broken, few_customers, moments)

    assert resumed.code == 0, resumed.err
    assert_same_log(broken, imported_once)


def test_an_import_that_was_killed_leaves_no_spool_once_it_is_finished(
    few_customers: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    imported_with_kills(data, few_customers, [Moment("spool sealed"), Moment("import ended")])

    assert [path.suffixes for path in (data / "imports").iterdir()] == [[".summary", ".json"]]
    assert len(facts_digest(data)) == 64
