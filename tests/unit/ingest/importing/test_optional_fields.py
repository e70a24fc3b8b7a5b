"""A struct that a fact can do without is left out whole where nothing but constants has a value."""

import pytest

from events.complaints import ComplaintResolved
from events.orders import OrderPlaced
from services.ingest.importing.data_tree import (
    Constant,
    Fields,
    FromColumn,
    Lines,
    Node,
    is_constant,
    parse_tree,
)
from services.ingest.importing.tree_check import with_optional

MONEY = (("amount", FromColumn("Paid")), ("currency", Constant("GBP")))
FLAT_RATE = (("amount", Constant(500)), ("currency", Constant("GBP")))


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({"amount": 5, "currency": "GBP"}, {"amount": 5, "currency": "GBP"}),
        ({"amount": None, "currency": "GBP"}, None),
    ],
)
def test_an_optional_struct_needs_more_than_its_constants(
    values: dict[str, object], given: dict[str, object] | None
) -> None:
    assert Fields(MONEY, optional=True).given(values) == given


def test_a_struct_that_must_be_there_stays_so_that_the_door_names_what_is_missing() -> None:
    assert Fields(MONEY).given({"amount": None, "currency": "GBP"}) == {"currency": "GBP"}


def test_a_struct_of_constants_alone_is_meant_as_it_stands() -> None:
    written_out = {"amount": 500, "currency": "GBP"}

    assert Fields(FLAT_RATE, optional=True).given(written_out) == written_out


@pytest.mark.parametrize(
    ("node", "constant"),
    [
        (Constant(5), True),
        (Fields(FLAT_RATE), True),
        (Fields((("total", Fields(FLAT_RATE)),)), True),
        (Fields(MONEY), False),
        (Fields((("total", Fields(MONEY)),)), False),
        (FromColumn("Paid"), False),
        (Lines(Constant(5)), False),
    ],
    ids=str,
)
def test_what_gives_the_same_to_every_fact_is_constant(node: Node, constant: bool) -> None:
    assert is_constant(node) is constant


def test_the_fields_that_a_fact_can_do_without_are_told_by_its_type() -> None:
    tree = with_optional(
        parse_tree(
            {
                "customer": {"system": "crm", "key": {"$column": "Customer"}},
                "compensation": {"amount": {"$column": "Paid"}, "currency": "GBP"},
            },
            (),
        ),
        ComplaintResolved,
    )

    assert isinstance(tree, Fields)
    marked = {name: part.optional for name, part in tree.fields if isinstance(part, Fields)}
    assert marked == {"customer": False, "compensation": True}
    assert not tree.optional


def test_structs_within_lines_are_told_too() -> None:
    item = {"sku": "A", "quantity": {"value": {"$column": "Pieces"}, "unit": "piece"}}
    tree = with_optional(parse_tree({"lines": {"$lines": item}}, ()), OrderPlaced)

    assert tree == parse_tree({"lines": {"$lines": item}}, ()), "no line can do without"
