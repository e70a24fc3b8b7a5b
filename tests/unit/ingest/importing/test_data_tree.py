"""Plain YAML becomes a tree of constants, fields and instructions, or an error with its location."""

import pytest
from pydantic import JsonValue

from services.ingest.importing.data_tree import (
    Constant,
    Fields,
    FromColumn,
    FromText,
    Lines,
    MoneyProduct,
    Node,
    Sum,
    TreeError,
    parse_tree,
)
from services.ingest.importing.templates import Placeholder, parse_template, placeholders

READ: list[tuple[JsonValue, Node]] = [
    ("GBP", Constant("GBP")),
    (5, Constant(5)),
    (None, Constant(None)),
    ("$column", Constant("$column")),
    ({"$column": "Price"}, FromColumn("Price")),
    ({"$column": "Price", "absolute": True}, FromColumn("Price", absolute=True)),
    ({"$money": ["Pieces", "Price"]}, MoneyProduct(("Pieces", "Price"))),
    ({"$money": ["Price"], "absolute": False}, MoneyProduct(("Price",))),
    ({"$sum": {"$column": "Pieces"}}, Sum(FromColumn("Pieces"))),
    ({"$sum": {"$money": ["Price"]}}, Sum(MoneyProduct(("Price",)))),
    ({"$text": "K-{Customer}"}, FromText(("K-", Placeholder("Customer")))),
    ({"$lines": {"sku": "x"}}, Lines(Fields((("sku", Constant("x")),)))),
    (
        {"total": {"amount": 5, "currency": {"$column": "Currency"}}},
        Fields(
            (
                (
                    "total",
                    Fields((("amount", Constant(5)), ("currency", FromColumn("Currency")))),
                ),
            )
        ),
    ),
]


@pytest.mark.parametrize(("raw", "node"), READ, ids=str)
def test_a_tree_is_read(raw: JsonValue, node: Node) -> None:
    assert parse_tree(raw, ()) == node


WRONG: list[tuple[JsonValue, tuple[str | int, ...], str]] = [
    ({"a": {"$colum": "x"}}, ("data", "a", "$colum"), "unknown instruction '$colum'"),
    ({"$column": 5}, ("data", "$column"), "5 is not a column's name"),
    ({"$column": "x", "as": "text"}, ("data", "as"), "$column does not know 'as'"),
    ({"$sum": {"$column": "x"}, "absolute": True}, ("data", "absolute"), "$sum does not know"),
    ({"$column": "x", "$money": ["y"]}, ("data", "$money"), "$column does not know '$money'"),
    ({"$column": "x", "absolute": "yes"}, ("data", "absolute"), "absolute is true or false"),
    ({"$money": []}, ("data", "$money"), "$money multiplies columns"),
    ({"$money": "Price"}, ("data", "$money"), "$money multiplies columns"),
    ({"$money": ["a", 5]}, ("data", "$money", 1), "5 is not a column's name"),
    ({"$money": list("abcdefg")}, ("data", "$money"), "7 factors are too many"),
    ({"$text": "K-{"}, ("data", "$text"), "a brace without its partner in 'K-{'"),
    ({"$text": ["a"]}, ("data", "$text"), "is not a text with {Column} in it"),
    ({"$sum": {"$text": "{a}"}}, ("data", "$sum"), "$sum adds up $column or $money"),
    ({"lines": [1, 2]}, ("data", "lines"), "a list cannot be written out"),
]


@pytest.mark.parametrize(("raw", "location", "what"), WRONG, ids=str)
def test_what_is_no_tree_is_refused_where_it_stands(
    raw: JsonValue, location: tuple[str | int, ...], what: str
) -> None:
    with pytest.raises(TreeError) as caught:
        parse_tree(raw, ("data",))

    assert caught.value.location == location
    assert what in caught.value.what
    assert caught.value.mend != ""


def test_a_template_is_text_and_names_in_turn() -> None:
    pieces = parse_template("order:{Invoice No}/{$time}")

    assert pieces == ("order:", Placeholder("Invoice No"), "/", Placeholder("$time"))
    assert placeholders(pieces) == ("Invoice No", "$time")


def test_a_template_may_be_plain_text_or_nothing() -> None:
    assert parse_template("order") == ("order",)
    assert parse_template("") == ()


@pytest.mark.parametrize("text", ["{", "}", "a{b", "a}b", "{a{b}}", "{a}}"])
def test_a_brace_without_its_partner_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a brace without its partner"):
        parse_template(text)
