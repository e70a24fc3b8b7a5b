"""A row that cannot be mapped, and a fact that the door refuses, are set aside; the rest goes on."""

from pathlib import Path

import msgspec
import pytest

from infra.log.records import DeadLetter
from tests.unit.ingest.door_given import at
from tests.unit.ingest.importing.import_given import (
    HEADER,
    NOON,
    SHOP_MAP,
    USAGE_MAP,
    ids_in,
    imported,
    london_log,
    order_in,
    request,
    shop_file,
    write,
)

GOOD = "1,A,1,1.00,2010-12-01 08:00,17,France"

BAD_ROWS = {
    "1,B,one,1.00,2010-12-01 08:00,17,France": ("bad-number", "Pieces: 'one' is not integer"),
    "1,B,1,1.0.0,2010-12-01 08:00,17,France": ("bad-number", "Price: '1.0.0' is not decimal"),
    "1,B,1,1.00,2010-12-32 08:00,17,France": (
        "bad-time",
        "Date: '2010-12-32 08:00' is not a time of format '%Y-%m-%d %H:%M'",
    ),
    "1,B,1,1.00,,17,France": ("missing-value", "Date is empty, but the fact cannot do without"),
    ",B,1,1.00,2010-12-01 08:00,17,France": (
        "missing-value",
        "Invoice is empty, but the fact cannot do without",
    ),
    "1,B,,1.00,2010-12-01 08:00,17,France": (
        "missing-value",
        "Pieces or Price is empty, but the fact cannot do without",
    ),
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_row_that_cannot_be_mapped_is_set_aside_with_place_and_bytes(
    row: str, tmp_path: Path
) -> None:
    log = london_log()
    file = shop_file(tmp_path, GOOD, row, GOOD)

    summary = imported(log, request(tmp_path, [file]))

    reason, detail = BAD_ROWS[row]
    (letter,) = log.dead_letters.values()
    assert letter == DeadLetter(
        id=letter.id,
        source="shop",
        reason=reason,
        detail=detail,
        place=f"{file}:3",
        mend=letter.mend,
        received=at(NOON),
        body=f"{row}\n".encode(),
    )
    assert letter.mend != ""
    assert summary.accounting.dead_lettered == {reason: 1}
    assert order_in(log, "order:1:17").total.amount == 200, "the other lines go on"
    assert ids_in(log)[0] == "customer:17"


def test_a_row_that_fails_leaves_no_trace_in_any_of_its_facts(tmp_path: Path) -> None:
    log = london_log()

    imported(log, request(tmp_path, [shop_file(tmp_path, "1,B,,1.00,2010-12-01 08:00,17,France")]))

    assert ids_in(log) == [], "not even its customer, though that fact needs no pieces"


def test_bytes_and_place_of_a_row_over_several_lines_are_kept(tmp_path: Path) -> None:
    log = london_log()
    row = '1,"A\r\nB",one,1.00,2010-12-01 08:00,17,France\r\n'
    file = write(tmp_path, "sales.csv", HEADER + GOOD + "\n" + row + GOOD + "\n" + row)

    summary = imported(log, request(tmp_path, [file]))

    letters = sorted(log.dead_letters.values(), key=lambda letter: letter.place)
    assert [letter.place for letter in letters] == [f"{file}:3", f"{file}:6"]
    assert [letter.body for letter in letters] == [row.encode(), row.encode()]
    assert summary.accounting.lines == 4


def test_equal_bad_rows_at_two_places_are_two_letters(tmp_path: Path) -> None:
    log = london_log()
    row = "1,B,one,1.00,2010-12-01 08:00,17,France"

    imported(log, request(tmp_path, [shop_file(tmp_path, row, row)]))

    assert len(log.dead_letters) == 2


def test_a_fact_that_the_door_refuses_is_set_aside_whole(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "1,A,5,1.00,2010-12-01 08:00,17,France",
        "1,B,-9,1.00,2010-12-01 08:00,17,France",
        "2,A,1,1.00,2010-12-01 09:00,17,France",
    )

    summary = imported(log, request(tmp_path, [file]))

    (letter,) = log.dead_letters.values()
    assert (letter.reason, letter.place) == ("invalid", f"{file}:2")
    assert letter.detail.startswith("$.data.total.amount: Expected `int` >= 0")
    event = msgspec.json.decode(letter.body)
    assert (event["id"], event["source"], event["type"], event["time"]) == (
        "order:1:17",
        "shop",
        "crm.order.placed.v1",
        "2010-12-01T08:00:00Z",
    )
    assert event["data"]["total"] == {"amount": -400, "currency": "GBP"}
    assert ids_in(log) == ["customer:17", "order:2:17"]
    assert summary.accounting.dead_lettered == {"invalid": 2}
    assert (summary.accounting.accepted, summary.accounting.grouped) == (1, 0)


REFUSED_ROWS = {
    "1,A,1,1.00,2026-03-14 12:02,17,France": ("future", "2026-03-14T12:02:00+00:00 has not come"),
    "1,A,1,1.00,9999-12-31 23:59,17,France": ("future", "9999-12-31T23:59:00+00:00 has not come"),
    "1,A,1,1.00,1899-12-31 23:59,17,France": ("too-old", "lies before 1900"),
    "1,A,1,999999999999,2010-12-01 08:00,17,France": ("invalid", "Expected `int` <="),
    f"1,{'A' * 129},1,1.00,2010-12-01 08:00,17,France": ("invalid", "$.data.lines[0].sku"),
    "1,\x07,1,1.00,2010-12-01 08:00,17,France": ("invalid", "$.data.lines[0].sku"),
    f"{'1' * 128},A,1,1.00,2010-12-01 08:00,17,France": ("invalid", "$.id"),
    "1,,1,1.00,2010-12-01 08:00,17,France": ("invalid", "$.data.lines[0].sku"),
}


@pytest.mark.parametrize("row", REFUSED_ROWS)
def test_the_door_is_asked_about_every_fact(row: str, tmp_path: Path) -> None:
    log = london_log()

    summary = imported(log, request(tmp_path, [shop_file(tmp_path, row)]))

    reason, detail = REFUSED_ROWS[row]
    orders = [letter for letter in log.dead_letters.values() if b"order" in letter.body]
    assert [letter.reason for letter in orders] == [reason]
    assert detail in orders[0].detail
    assert summary.accounting.dead_lettered == {reason: 1}
    assert "order" not in " ".join(ids_in(log))


def test_a_value_that_is_not_listed_is_set_aside(tmp_path: Path) -> None:
    log = london_log()
    text = SHOP_MAP.replace("Country: text", "Country: {type: text, values: {France: FR}}")
    file = shop_file(tmp_path, GOOD, GOOD.replace("France", "Atlantis"))

    summary = imported(log, request(tmp_path, [file], text))

    assert summary.accounting.dead_lettered == {"unlisted-value": 1}


def test_a_sum_that_is_no_number_at_all_is_refused_not_rounded(tmp_path: Path) -> None:
    log = london_log()
    file = write(
        tmp_path,
        "usage.csv",
        "Id,Volume,At,Customer\nu1,-1,2026-03-01T10:00:00Z,17\nu2,,2026-03-01T10:00:00Z,17\n",
    )

    summary = imported(log, request(tmp_path, [file], USAGE_MAP))

    assert summary.accounting.dead_lettered == {"invalid": 2}
    assert sorted(letter.detail for letter in log.dead_letters.values()) == [
        "$.data.quantity.value: Expected `float` >= 0.0",
        "$.data.quantity.value: Object missing required field `value`",
    ]


def test_letters_are_counted_by_reason(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        GOOD,
        "1,B,one,1.00,2010-12-01 08:00,17,France",
        "2,B,two,1.00,2010-12-01 08:00,17,France",
        "3,A,-1,1.00,2010-12-01 08:00,17,France",
    )

    imported(log, request(tmp_path, [file]))

    assert dict(log.tallies) == {
        ("shop", "accepted"): 2,
        ("shop", "bad-number"): 2,
        ("shop", "invalid"): 1,
    }
