"""Conditions hold as the map says; an empty cell meets nothing but ``empty``."""

from decimal import Decimal

import pytest

from services.ingest.importing.cells import Value
from services.ingest.importing.conditions import compile_condition
from services.ingest.importing.map_model import Condition

COLUMNS = ("Invoice", "Pieces", "Price")
ORDER = ("C536379", -1, Decimal("27.50"))
NOTHING = (None, None, None)


def holds(condition: dict[str, object], values: tuple[Value, ...]) -> bool:
    return compile_condition(Condition.model_validate(condition), COLUMNS)(values)


HOLDS: list[dict[str, object]] = [
    {"column": "Invoice", "empty": False},
    {"column": "Invoice", "equals": "C536379"},
    {"column": "Invoice", "one_of": ["A", "C536379"]},
    {"column": "Invoice", "starts_with": "C"},
    {"column": "Invoice", "ends_with": "379"},
    {"column": "Pieces", "equals": -1},
    {"column": "Price", "equals": 27.5},
    {"column": "Price", "one_of": [1, 27.5]},
    {"column": "Pieces", "below": 0},
    {"column": "Pieces", "at_most": -1},
    {"column": "Price", "above": 27.49},
    {"column": "Price", "at_least": 27.5},
    {"not": {"column": "Invoice", "starts_with": "D"}},
    {"all": [{"column": "Pieces", "below": 0}, {"column": "Price", "above": 0}]},
    {"any": [{"column": "Pieces", "above": 0}, {"column": "Price", "above": 0}]},
]

FAILS: list[dict[str, object]] = [
    {"column": "Invoice", "empty": True},
    {"column": "Invoice", "equals": "536379"},
    {"column": "Invoice", "one_of": ["A", "B"]},
    {"column": "Invoice", "starts_with": "c"},
    {"column": "Invoice", "ends_with": "378"},
    {"column": "Pieces", "equals": 1},
    {"column": "Pieces", "below": -1},
    {"column": "Pieces", "at_most": -2},
    {"column": "Price", "above": 27.5},
    {"column": "Price", "at_least": 27.51},
    {"not": {"column": "Invoice", "starts_with": "C"}},
    {"all": [{"column": "Pieces", "below": 0}, {"column": "Price", "below": 0}]},
    {"any": [{"column": "Pieces", "above": 0}, {"column": "Price", "below": 0}]},
]


@pytest.mark.parametrize("condition", HOLDS, ids=str)
def test_a_condition_holds(condition: dict[str, object]) -> None:
    assert holds(condition, ORDER)


@pytest.mark.parametrize("condition", FAILS, ids=str)
def test_a_condition_does_not_hold(condition: dict[str, object]) -> None:
    assert not holds(condition, ORDER)


@pytest.mark.parametrize("condition", [test for test in HOLDS if "column" in test], ids=str)
def test_an_empty_cell_meets_no_test(condition: dict[str, object]) -> None:
    assert not holds(condition, NOTHING)


def test_an_empty_cell_is_empty() -> None:
    assert holds({"column": "Price", "empty": True}, NOTHING)
