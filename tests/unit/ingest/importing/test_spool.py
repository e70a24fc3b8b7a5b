"""A spool gives groups back together, facts in the order of the log, and keeps what became of them."""

import contextlib
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ingest.importing.grouping import PartialFact
from services.ingest.importing.label import ImportLabel
from services.ingest.importing.ledger import GROUPED, Accounting, LineLedger, Verdict, sequence_of
from services.ingest.importing.refusals import SpoolError
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_builder import SpoolBuilder
from services.ingest.importing.spool_file import FORMAT, remove_spool
from services.ingest.importing.spool_rows import ROW, DeadRow, SpooledFact, sequences_in


def lines(*numbers: int) -> bytes:
    return array("Q", [sequence_of(0, number) for number in numbers]).tobytes()


def fact(time: int, kind: int, line: int, day: int = 100) -> SpooledFact:
    name = f"{time}-{kind}-{line}"
    return SpooledFact(time, kind, sequence_of(0, line), "c-17", name, day, b"{}", lines(line))


def dead(line: int, kind: int = ROW, reason: str = "bad-number") -> DeadRow:
    return DeadRow(sequence_of(0, line), kind, reason, "what", "mend", lines(line), b"row")


LABEL = ImportLabel(
    import_id="i1",
    source="shop",
    types=("crm.order.placed.v1", "crm.order.placed.v1", "crm.order.returned.v1"),
    files=("/tmp/a.csv", "/tmp/b.csv"),
    received=5,
)
FACTS = [fact(30, 0, 4, 103), fact(10, 1, 3, 101), fact(10, 0, 5, 101), fact(10, 1, 2, 101)]
IN_ORDER = ["10-0-5", "10-1-2", "10-1-3", "30-0-4"]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A complete spool of five lines: four facts, and a row that became none."""
    path = tmp_path / "a.spool"
    ledger = LineLedger(1)
    for line in (2, 3, 4, 5):
        ledger.note(0, line, GROUPED)
        ledger.open(sequence_of(0, line))
    ledger.note(0, 6, ledger.code_of(Verdict(dead=True, reason="bad-number")))
    with contextlib.closing(SpoolBuilder(path)) as builder:
        builder.add_facts(FACTS)
        builder.add_dead([dead(6)])
        builder.seal(ledger, LABEL)
    with contextlib.closing(Spool(path)) as complete:
        complete.use()
        yield complete


def names(facts: list[SpooledFact]) -> list[str]:
    return [each.id for each in facts]


def test_partials_come_back_group_by_group_the_earliest_first(tmp_path: Path) -> None:
    with contextlib.closing(SpoolBuilder(tmp_path / "a.building")) as builder:
        builder.add_partials([PartialFact(1, "b", 5, 9, b"1"), PartialFact(0, "b", 7, 1, b"2")])
        builder.add_partials([PartialFact(0, "a", 9, 2, b"3"), PartialFact(0, "b", 7, 0, b"4")])
        builder.add_partials([PartialFact(0, "b", 6, 8, b"5")])

        bodies = [partial.body for partial in builder.partials()]

        assert bodies == [b"3", b"5", b"4", b"2", b"1"]
        assert builder.group_count() == 3


def test_only_a_sealed_spool_bears_its_format(tmp_path: Path) -> None:
    path = tmp_path / "a.building"
    with contextlib.closing(SpoolBuilder(path)) as builder:
        assert builder.format == 0
        with pytest.raises(SpoolError, match=r"a\.building is no whole spool of this release"):
            Spool(path)
        builder.seal(LineLedger(0), LABEL)

    with contextlib.closing(Spool(path)) as complete:
        assert complete.format == FORMAT


def test_facts_come_in_the_order_of_the_log(spool: Spool) -> None:
    assert names(spool.facts(None, 10)) == IN_ORDER


def test_facts_come_in_batches_that_follow_on_each_other(spool: Spool) -> None:
    first = spool.facts(None, 3)
    second = spool.facts(first[-1], 3)

    assert names(first) + names(second) == IN_ORDER
    assert spool.facts(second[-1], 3) == []


@pytest.mark.parametrize("position", range(5))
def test_reading_goes_on_after_any_number_of_facts(position: int, spool: Spool) -> None:
    assert names(spool.facts(spool.fact_at(position), 10)) == IN_ORDER[position:]


def test_facts_are_counted_by_kind_and_span_their_days(spool: Spool) -> None:
    assert spool.counts() == {0: 2, 1: 2}
    assert spool.days() == (101, 103)


def test_a_spool_without_facts_spans_no_days(tmp_path: Path) -> None:
    with contextlib.closing(SpoolBuilder(tmp_path / "a.spool")) as builder:
        builder.seal(LineLedger(0), LABEL)
    with contextlib.closing(Spool(tmp_path / "a.spool")) as empty:
        assert empty.days() is None
        assert empty.counts() == {}
        assert empty.facts(None, 10) == []


def test_facts_of_earlier_days_are_found_by_kind(spool: Spool) -> None:
    assert names(spool.facts_before(103, [1], None, 10)) == ["10-1-2", "10-1-3"]
    assert names(spool.facts_before(103, [0, 1], None, 2)) == ["10-0-5", "10-1-2"]
    assert spool.facts_before(101, [0, 1], None, 10) == []
    assert spool.facts_before(200, [], None, 10) == []


def test_facts_of_earlier_days_come_in_batches_that_follow_on_each_other(spool: Spool) -> None:
    first = spool.facts_before(103, [0, 1], None, 2)

    assert names(spool.facts_before(103, [0, 1], first[-1], 2)) == ["10-1-3"]


def test_a_spool_says_whose_it_is(spool: Spool) -> None:
    assert spool.label == LABEL
    assert spool.label.place(sequence_of(1, 7)) == "/tmp/b.csv:7"
    assert spool.label.by_type({0: 2, 1: 3, 2: 0}) == {"crm.order.placed.v1": 5}, (
        "two rules make the same"
    )


def test_a_fact_that_is_set_aside_is_a_dead_letter_and_no_fact(spool: Spool) -> None:
    late = spool.facts_before(103, [1], None, 1)

    spool.set_aside(late, [dead(2, kind=1, reason="too-late")])

    assert names(spool.facts(None, 10)) == ["10-0-5", "10-1-3", "30-0-4"]
    assert [row.reason for row in spool.dead()] == ["too-late", "bad-number"]
    assert spool.ledger().accounting() == Accounting(
        lines=5, accepted=3, dead_lettered={"bad-number": 1, "too-late": 1}
    )


def test_the_ledger_comes_back_as_it_was_sealed(spool: Spool) -> None:
    assert spool.ledger().accounting() == Accounting(
        lines=5, accepted=4, dead_lettered={"bad-number": 1}
    )


def test_what_became_of_facts_is_added_up(spool: Spool) -> None:
    spool.record(2, {0: (1, 0), 1: (0, 1)}, [])
    spool.record(4, {0: (1, 0)}, [dead(3, kind=1, reason="conflict")])

    assert spool.recorded() == 4
    assert spool.outcomes() == {0: (2, 0), 1: (0, 1)}
    assert spool.ledger().accounting().dead_lettered == {"bad-number": 1, "conflict": 1}


def test_a_record_that_the_log_knows_nothing_of_is_forgotten(spool: Spool) -> None:
    spool.record(2, {0: (1, 1)}, [])

    spool.forget_record()

    assert (spool.recorded(), spool.outcomes()) == (0, {})


def test_the_same_dead_letter_is_kept_once(spool: Spool) -> None:
    spool.add_dead([dead(6), dead(6)])

    assert len(list(spool.dead())) == 1


def test_lines_of_a_fact_are_told_from_its_bytes() -> None:
    assert list(sequences_in(lines(2, 541_910))) == [2, 541_910]


def test_a_file_that_is_no_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.spool"
    path.write_bytes(b"garbage" * 1_000)

    with pytest.raises(SpoolError, match=r"a\.spool: the spool fails \(file is not a database\)"):
        Spool(path)


def test_a_full_disk_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with contextlib.closing(SpoolBuilder(tmp_path / "a.building")) as builder:
        builder.connection.execute("PRAGMA max_page_count = 20")

        with pytest.raises(SpoolError, match=r"disk is full\); see that there is room"):
            builder.add_dead(dead(line)._replace(body=b"x" * 4_096) for line in range(100))


def test_a_spool_is_removed_with_all_that_lies_beside_it(tmp_path: Path, spool: Spool) -> None:
    spool.record(1, {}, [])
    assert len(list(tmp_path.iterdir())) > 1

    spool.close()
    remove_spool(spool.path)

    assert list(tmp_path.iterdir()) == []
