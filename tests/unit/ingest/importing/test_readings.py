"""Nodes read rows: exact money, texts, fields; and what a line gives to the fact of its group."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.importing.cells import UnmappableError, Value
from services.ingest.importing.data_tree import (
    Constant,
    Fields,
    FromColumn,
    FromText,
    Lines,
    MoneyProduct,
    Node,
    Sum,
)
from services.ingest.importing.fact_plan import FactPlan
from services.ingest.importing.ids import IdMaker
from services.ingest.importing.ledger import sequence_of
from services.ingest.importing.map_model import Column, NumberColumn, TextColumn, TimeColumn
from services.ingest.importing.numerals import MAX_FACTORS, add_exactly, to_minor_units
from services.ingest.importing.readings import NodeReader
from services.ingest.importing.templates import parse_template
from tests.unit.ingest.door_given import at
from tests.unit.ingest.importing.import_given import SHOP_MAP, USAGE_MAP, parsed

COLUMNS: dict[str, Column] = {
    "Sku": TextColumn(type="text"),
    "Pieces": NumberColumn(type="integer"),
    "Price": NumberColumn(type="decimal"),
    "Date": TimeColumn(type="time"),
}
NINE = at("2010-12-01T09:00:00+00:00")
ROW: list[Value] = ["85123A", -6, Decimal("2.555"), NINE]
NOTHING: list[Value] = [None, None, None, None]
PENNIES = Decimal(100)

READ: list[tuple[Node, object, object]] = [
    (Constant("piece"), "piece", "piece"),
    (FromColumn("Sku"), "85123A", None),
    (FromColumn("Pieces"), -6, None),
    (FromColumn("Pieces", absolute=True), 6, None),
    (FromColumn("Price", absolute=True), Decimal("2.555"), None),
    (FromColumn("Date"), "2010-12-01T09:00:00Z", None),
    (FromText(parse_template("{Sku} x{Pieces}")), "85123A x-6", None),
    (FromText(parse_template("at {Date}")), "at 2010-12-01T09:00:00Z", None),
    (MoneyProduct(("Price",)), 256, None),
    (MoneyProduct(("Pieces", "Price")), -1533, None),
    (MoneyProduct(("Pieces", "Price"), absolute=True), 1533, None),
    (
        Fields((("sku", FromColumn("Sku")), ("unit", Constant("piece")))),
        {"sku": "85123A", "unit": "piece"},
        {"unit": "piece"},
    ),
]


@pytest.mark.parametrize(("node", "of_row", "of_nothing"), READ, ids=str)
def test_a_node_reads_a_row(node: Node, of_row: object, of_nothing: object) -> None:
    reading = NodeReader(COLUMNS, 2).reading(node)

    assert reading(ROW) == of_row
    assert reading(NOTHING) == of_nothing


@pytest.mark.parametrize("node", [Lines(Constant(1)), Sum(FromColumn("Pieces"))])
def test_lists_and_sums_are_no_part_of_a_line(node: Node) -> None:
    with pytest.raises(TypeError, match="stand outside of lines"):
        NodeReader(COLUMNS, 2).reading(node)


@pytest.mark.parametrize(
    ("factors", "minor"),
    [
        ([Decimal("0.005")], 1),
        ([Decimal("0.0049999")], 0),
        ([Decimal("-0.005")], -1),
        ([3, Decimal("0.335")], 101),
        ([15, Decimal("0.085")], 128),
        ([0, Decimal("9.99")], 0),
        ([1_000_000_000_000, Decimal("0.001")], 100_000_000_000),
    ],
)
def test_money_is_rounded_once_halves_away_from_zero(
    factors: list[int | Decimal], minor: int
) -> None:
    assert to_minor_units(factors, PENNIES) == minor


NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**15) + 1, 10**15 - 1, places=15, allow_nan=False),
)


@given(factors=st.lists(NUMBERS, min_size=1, max_size=MAX_FACTORS))
def test_money_is_never_further_off_than_half_a_minor_unit(factors: list[int | Decimal]) -> None:
    exact = Fraction(100)
    for factor in factors:
        exact *= Fraction(factor)

    assert abs(to_minor_units(factors, PENNIES) - exact) <= Fraction(1, 2)


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=20))
def test_sums_are_exact(numbers: list[int | Decimal]) -> None:
    total: int | Decimal = 0
    for number in numbers:
        total = add_exactly(total, number)

    assert Fraction(total) == sum(Fraction(number) for number in numbers)


def shop_row(**cells: Value) -> list[Value]:
    """A row of the shop's map with these cells instead of the usual ones."""
    row: dict[str, Value] = {
        "Invoice": "1",
        "Sku": "A",
        "Pieces": 2,
        "Price": Decimal("1.50"),
        "Date": NINE,
        "Customer": "17",
        "Country": "France",
    }
    return list((row | cells).values())


def plan_of(text: str, rule: int) -> FactPlan:
    shop = parsed(text)
    return FactPlan(shop.facts[rule], shop.columns, 2)


def test_a_line_gives_its_share_of_lists_and_sums() -> None:
    reading = plan_of(SHOP_MAP, 1).read(shop_row(), 7)

    assert reading.key == "1\x1f17"
    assert reading.time == NINE
    assert reading.items == (b'{"sku":"A","quantity":{"value":2,"unit":"piece"},"amount":300}',)
    assert reading.addends == (300,)


def test_a_line_without_group_has_a_key_of_its_own() -> None:
    row: list[Value] = ["u1", Decimal("1.5"), NINE, "17"]

    assert plan_of(USAGE_MAP, 0).read(row, 7).key != plan_of(USAGE_MAP, 0).read(row, 8).key


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("Date", "Date is empty, but the fact cannot do without"),
        ("Invoice", "Invoice is empty"),
        ("Customer", "Customer is empty"),
        ("Pieces", "Pieces or Price is empty"),
    ],
)
def test_a_line_without_what_its_fact_needs_is_a_problem(cell: str, what: str) -> None:
    with pytest.raises(UnmappableError, match=what):
        plan_of(SHOP_MAP, 1).read(shop_row(**{cell: None}), 7)


def test_a_line_without_what_its_fact_can_do_without_is_none() -> None:
    reading = plan_of(SHOP_MAP, 0).read(shop_row(Country=None, Pieces=None), 7)

    assert (reading.key, reading.items, reading.addends) == ("17", (), ())


def test_a_rule_takes_the_lines_that_its_condition_says() -> None:
    orders, returns = plan_of(SHOP_MAP, 1), plan_of(SHOP_MAP, 2)

    for invoice, is_order in (("1", True), ("C1", False)):
        row = shop_row(Invoice=invoice)
        assert orders.takes is not None
        assert orders.takes(row) is is_order
        assert returns.takes is not None
        assert returns.takes(row) is not is_order


def test_an_id_is_made_of_the_earliest_line() -> None:
    text = USAGE_MAP.replace('"usage:{Id}"', '"{Id}/{At}/{$time}/{$file}/{$line}"')
    ids = IdMaker(plan_of(text, 0), ["a.csv", "b.csv"])
    row: list[Value] = ["u1", Decimal("1.5"), NINE, "17"]

    assert ids.id_of(row, NINE, sequence_of(1, 42)) == (
        "u1/2010-12-01T09:00:00Z/2010-12-01T09:00:00Z/b.csv/42"
    )
