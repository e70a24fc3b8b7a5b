"""Every line is counted once: accepted, grouped, skipped by reason, dead-lettered by reason."""

import datetime
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.importing.ledger import (
    GROUPED,
    Accounting,
    LineLedger,
    Verdict,
    sequence_of,
    split_sequence,
)
from tests.unit.ingest.importing.import_given import (
    SHOP_MAP,
    events_in,
    facts_in,
    imported,
    london_log,
    request,
    shop_file,
    tried,
)

SKIPPING_MAP = SHOP_MAP.replace(
    "facts:\n",
    "  - reason: total-line\n    when: {column: Invoice, equals: TOTAL}\nfacts:\n",
).replace("when: {column: Invoice, starts_with: C}", "when: {column: Invoice, starts_with: C1}")


def test_every_kind_of_line_is_counted(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "1,A,1,1.00,2010-12-01 08:00,17,France",
        "1,B,1,1.00,2010-12-01 08:00,17,France",
        "",
        "2,A,1,1.00,2010-12-01 09:00,,France",
        "3,A,x,1.00,2010-12-01 09:00,17,France",
        "4,A,-1,1.00,2010-12-01 09:00,17,France",
        "C1,A,-1,1.00,2010-12-01 10:00,17,France",
        "TOTAL,,,,,,",
    )

    summary = imported(log, request(tmp_path, [file], SKIPPING_MAP))

    assert summary.accounting == Accounting(
        lines=8,
        accepted=2,
        grouped=1,
        skipped={"blank-line": 1, "no-customer": 2},
        dead_lettered={"bad-number": 1, "invalid": 1},
    )
    assert summary.accounting.accounted() == 8
    assert summary.appended == {
        "crm.customer.registered.v1": 1,
        "crm.order.placed.v1": 1,
        "crm.order.returned.v1": 1,
    }
    assert summary.present == {}
    assert summary.days is not None
    assert summary.days.first == summary.days.last == datetime.date(2010, 12, 1)


def test_the_first_skip_rule_that_holds_is_the_one_that_counts(tmp_path: Path) -> None:
    row = "TOTAL,,99,,not a date,17,"

    summary = imported(london_log(), request(tmp_path, [shop_file(tmp_path, row)], SKIPPING_MAP))

    assert summary.accounting.skipped == {"total-line": 1}, "asked before a bad date is a problem"


def test_a_line_that_no_fact_takes_is_skipped_and_says_so(tmp_path: Path) -> None:
    only_orders = SHOP_MAP.replace(
        "group_by: [Customer]", "when: {column: Sku, equals: X}\n    group_by: [Customer]", 1
    )
    text = only_orders.replace(
        "when: {column: Invoice, starts_with: C}", "when: {column: Sku, equals: X}"
    )
    file = shop_file(tmp_path, "C1,A,-1,1.00,2010-12-01 08:00,17,France")

    summary = imported(london_log(), request(tmp_path, [file], text))

    assert summary.accounting.skipped == {"no-fact": 1}
    assert summary.days is None


def test_a_file_of_nothing_but_a_header_is_an_import_of_nothing(tmp_path: Path) -> None:
    log = london_log()

    summary = imported(log, request(tmp_path, [shop_file(tmp_path)]))

    assert summary.accounting == Accounting()
    assert facts_in(log) == []


def test_a_line_keeps_the_first_reason_to_be_dead() -> None:
    ledger = LineLedger(1)
    for line in (2, 3, 4):
        ledger.note(0, line, GROUPED)
    ledger.open(sequence_of(0, 2))

    ledger.bury([sequence_of(0, 2), sequence_of(0, 3)], "invalid")
    ledger.bury([sequence_of(0, 3), sequence_of(0, 4)], "conflict")
    ledger.open(sequence_of(0, 3))

    assert ledger.accounting() == Accounting(lines=3, dead_lettered={"conflict": 1, "invalid": 2})


def test_a_reason_to_skip_and_one_to_bury_may_have_one_name() -> None:
    ledger = LineLedger(1)
    ledger.note(0, 2, ledger.code_of(Verdict(dead=False, reason="future")))
    ledger.note(0, 3, ledger.code_of(Verdict(dead=True, reason="future")))

    assert ledger.accounting() == Accounting(
        lines=2, skipped={"future": 1}, dead_lettered={"future": 1}
    )


def test_a_sequence_tells_file_and_line() -> None:
    at = split_sequence(sequence_of(3, 541_910))

    assert (at.file, at.line) == (3, 541_910)
    assert sequence_of(1, 2) > sequence_of(0, 2**40 - 1)


INVOICES = st.sampled_from(["1", "2", "3", "C1", "C2", "TOTAL", ""])
PIECES = st.sampled_from(["1", "5", "-1", "-5", "0", "x", ""])
PRICES = st.sampled_from(["1", "0.001", "2.555", "-1", "nan", ""])
DATES = st.sampled_from(
    ["2010-12-01 08:00", "2010-12-02 09:30", "2010-11-30 23:59", "2027-01-01 00:00", "later", ""]
)
CUSTOMERS = st.sampled_from(["17.0", "17", "18", "19", ""])
ROWS = st.one_of(
    st.just(""),
    st.tuples(INVOICES, st.sampled_from("AB"), PIECES, PRICES, DATES, CUSTOMERS).map(
        lambda cells: ",".join((*cells, "France"))
    ),
)


@settings(max_examples=40)
@given(files=st.lists(st.lists(ROWS, max_size=30), min_size=1, max_size=3))
def test_the_accounting_always_adds_up(files: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A last row of its own keeps the contents of the files apart.
        paths = [
            shop_file(folder, *rows, f"9{i},A,1,1,2010-12-01 08:00,20,France", name=f"{i}.csv")
            for i, rows in enumerate(files)
        ]
        asked = request(folder, paths, SKIPPING_MAP)
        log = london_log()

        report = tried(asked)
        summary = imported(log, asked)

    lines = sum(len(rows) + 1 for rows in files)
    assert summary.accounting.lines == lines
    assert summary.accounting.accounted() == lines
    assert report.accounting == summary.accounting
    assert report.facts == summary.appended == dict(Counter(fact.type for fact in facts_in(log)))
    assert bool(summary.accounting.dead_lettered) == bool(log.dead_letters)


@settings(max_examples=25)
@given(order=st.permutations(range(12)), cut=st.integers(0, 12))
def test_lines_of_distinct_times_give_the_same_facts_in_any_order_and_any_files(
    order: list[int], cut: int
) -> None:
    rows = [
        f"{'C' if i % 5 == 4 else ''}{i % 4},S{i},{-i if i % 5 == 4 else i},0.{i}5,"
        f"2010-12-01 08:{i:02},{17 + i % 3},Land {i}"
        for i in range(12)
    ]
    shuffled = [rows[i] for i in order]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, mixed = london_log(), london_log()
        imported(plain, request(folder, [shop_file(folder, *rows)]))
        files = [
            shop_file(folder, *shuffled[:cut], name="a.csv"),
            shop_file(folder, *shuffled[cut:], "TOTAL,,,,,,", name="b.csv"),
        ]
        imported(mixed, request(folder, files))

    assert events_in(mixed) == events_in(plain)
