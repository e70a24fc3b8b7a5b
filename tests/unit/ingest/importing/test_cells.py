"""Cells become text, exact numbers and instants, or a problem that says which cell and why."""

from decimal import Decimal

import pytest

from services.ingest.importing.cells import REMEMBERED, RowProblem, UnmappableError, cell_reader
from services.ingest.importing.map_model import NumberColumn, TextColumn, TimeColumn
from tests.unit.ingest.door_given import at

INTEGER = NumberColumn(type="integer")
DECIMAL = NumberColumn(type="decimal")
LONDON_TIME = TimeColumn(type="time", format="%d.%m.%Y %H:%M", timezone="Europe/London")


def test_text_loses_the_blanks_around_it() -> None:
    assert cell_reader("Sku", TextColumn(type="text"))["  85123A \t"] == "85123A"


@pytest.mark.parametrize("cell", ["", "   ", "\t"])
@pytest.mark.parametrize("column", [TextColumn(type="text"), INTEGER, DECIMAL, LONDON_TIME])
def test_an_empty_cell_is_no_value(
    cell: str, column: TextColumn | NumberColumn | TimeColumn
) -> None:
    assert cell_reader("Any", column)[cell] is None


def test_a_prefix_and_a_suffix_are_dropped_where_they_stand() -> None:
    reader = cell_reader("Customer", TextColumn(type="text", strip_prefix="K-", strip_suffix=".0"))

    assert [reader[cell] for cell in ("K-17850.0", "17850", "K-5", ".0")] == [
        "17850",
        "17850",
        "5",
        None,
    ]


def test_listed_values_are_translated_and_others_refused() -> None:
    column = TextColumn(type="text", values={"B2B": "group-small", "B2C": "individual"})
    reader = cell_reader("Kind", column)

    assert reader["B2B"] == "group-small"
    with pytest.raises(UnmappableError, match="Kind: 'B2G' is not among the values") as caught:
        reader["B2G"]
    assert caught.value.reason is RowProblem.UNLISTED_VALUE
    assert caught.value.mend == "add it to the column's values"


@pytest.mark.parametrize(("cell", "number"), [("6", 6), ("-12", -12), ("+3", 3), (" 007 ", 7)])
def test_whole_numbers_are_read(cell: str, number: int) -> None:
    assert cell_reader("Pieces", INTEGER)[cell] == number


@pytest.mark.parametrize(
    "cell", ["six", "6.0", "1_000", "1e3", "٣", "0x10", "--1", "9" * 16, "1 2", "NaN", "inf"]
)
def test_what_is_no_whole_number_is_a_problem(cell: str) -> None:
    with pytest.raises(UnmappableError) as caught:
        cell_reader("Pieces", INTEGER)[cell]

    assert caught.value.reason is RowProblem.BAD_NUMBER
    assert caught.value.detail.startswith("Pieces: '")


@pytest.mark.parametrize("cell", ["2.55", "0.001", "-12.5", ".5", "5.", "999999999999999.9"])
def test_decimal_numbers_are_exact(cell: str) -> None:
    assert cell_reader("Price", DECIMAL)[cell] == Decimal(cell)


@pytest.mark.parametrize("cell", ["2,55", "NaN", "Infinity", "1e3", "£5", ".", "1.2.3", "-"])
def test_what_is_no_decimal_number_is_a_problem(cell: str) -> None:
    with pytest.raises(UnmappableError, match=r"Price: .* is not decimal"):
        cell_reader("Price", DECIMAL)[cell]


def test_marks_of_another_country_are_read() -> None:
    column = NumberColumn(type="decimal", decimal_mark=",", thousands=".", strip_suffix="€")
    reader = cell_reader("Price", column)

    assert reader["1.234.567,89 €"] == Decimal("1234567.89")
    assert reader["0,5"] == Decimal("0.5")


def test_a_point_is_refused_where_the_decimal_mark_is_a_comma() -> None:
    column = NumberColumn(type="decimal", decimal_mark=",")

    with pytest.raises(UnmappableError):
        cell_reader("Price", column)["2.55"]


def test_a_local_time_becomes_an_instant() -> None:
    reader = cell_reader("Date", LONDON_TIME)

    assert reader["01.12.2010 08:26"] == at("2010-12-01T08:26:00+00:00")
    assert reader["01.07.2011 08:26"] == at("2011-07-01T07:26:00+00:00")


def test_of_a_local_time_that_occurs_twice_the_first_is_meant() -> None:
    assert cell_reader("Date", LONDON_TIME)["30.10.2011 01:30"] == at("2011-10-30T00:30:00+00:00")


def test_an_offset_in_the_cell_outweighs_the_time_zone() -> None:
    column = TimeColumn(type="time", format="iso", timezone="Europe/London")
    reader = cell_reader("At", column)

    assert reader["2011-07-01T08:26:00+02:00"] == at("2011-07-01T06:26:00+00:00")
    assert reader["2011-07-01T08:26:00"] == at("2011-07-01T07:26:00+00:00")


def test_a_pattern_may_hold_the_offset() -> None:
    column = TimeColumn(type="time", format="%Y%m%d%H%M%z")

    assert cell_reader("At", column)["201107010826+0200"] == at("2011-07-01T06:26:00+00:00")


@pytest.mark.parametrize(
    "cell", ["soon", "31.02.2011 10:00", "2011-07-01", "01.12.2010", "01.13.2010 08:26", "0"]
)
def test_what_is_no_time_is_a_problem(cell: str) -> None:
    with pytest.raises(UnmappableError, match=r"Date: .* is not a time of format") as caught:
        cell_reader("Date", LONDON_TIME)[cell]

    assert caught.value.reason is RowProblem.BAD_TIME


def test_an_iso_time_without_offset_or_time_zone_is_a_problem() -> None:
    with pytest.raises(UnmappableError):
        cell_reader("At", TimeColumn(type="time"))["2011-07-01T08:26:00"]


def test_a_reader_forgets_before_it_grows_without_bound() -> None:
    reader = cell_reader("Pieces", INTEGER)

    for number in range(REMEMBERED + 10):
        assert reader[str(number)] == number

    assert len(reader) <= REMEMBERED
