"""The ``data`` of a fact rule as a tree of constants and instructions.

A mapping with a key that begins with ``$`` is an instruction; every other one is a struct's fields.
"""

from collections.abc import Mapping

import msgspec
from pydantic import JsonValue

from services.ingest.importing.map_source import Location
from services.ingest.importing.numerals import MAX_FACTORS
from services.ingest.importing.templates import TemplatePiece, parse_template


class Constant(msgspec.Struct, frozen=True):
    """The same for every fact. ``value`` is JSON; ``None`` leaves the field out."""

    value: object


class FromColumn(msgspec.Struct, frozen=True):
    """The cell of a column. An empty cell leaves the field out."""

    column: str
    absolute: bool = False


class FromText(msgspec.Struct, frozen=True):
    """A template filled with cells. An empty one of them leaves the field out."""

    pieces: tuple[TemplatePiece, ...]


class MoneyProduct(msgspec.Struct, frozen=True):
    """Columns multiplied exactly, then rounded once to minor units, halves away from zero."""

    factors: tuple[str, ...]
    absolute: bool = False


class Sum(msgspec.Struct, frozen=True):
    """The sum of a value over all lines of the fact."""

    of: FromColumn | MoneyProduct


class Fields(msgspec.Struct, frozen=True):
    """The fields of a struct, in the order of the map. ``optional`` where a fact can do without it."""

    fields: "tuple[tuple[str, Node], ...]"
    optional: bool = False

    def given(self, values: Mapping[str, object]) -> dict[str, object] | None:
        """Return the fields that have a value; nothing at all for want of any but constants.

        Only what is optional is left out whole: a currency alone, say, is no money.
        """
        given = {name: value for name, value in values.items() if value is not None}
        varying = [name for name, part in self.fields if not is_constant(part)]
        if self.optional and varying and not any(name in given for name in varying):
            return None
        return given


class Lines(msgspec.Struct, frozen=True):
    """A list with one item for every line of the fact."""

    item: "Node"


Node = Constant | FromColumn | FromText | MoneyProduct | Sum | Fields | Lines


def is_constant(node: Node) -> bool:
    """Tell whether a node gives the same to every fact."""
    match node:
        case Constant():
            return True
        case Fields(fields=fields):
            return all(is_constant(part) for _, part in fields)
        case _:
            return False


class TreeError(Exception):
    """Something in the tree is wrong; ``location`` says where in the map."""

    def __init__(self, location: Location, what: str, mend: str) -> None:
        super().__init__(what)
        self.location = tuple(location)
        self.what = what
        self.mend = mend


_OPTIONS = {
    "$column": {"absolute"},
    "$money": {"absolute"},
    "$sum": set[str](),
    "$lines": set[str](),
    "$text": set[str](),
}


def parse_tree(raw: JsonValue, location: Location) -> Node:
    """Return the tree that plain YAML stands for.

    Raises:
        TreeError: an unknown instruction, or one with the wrong argument.
    """
    if isinstance(raw, list):
        raise TreeError(location, "a list cannot be written out", "use {$lines: {field: value}}")
    if not isinstance(raw, dict):
        return Constant(raw)
    instructions = [key for key in raw if key.startswith("$")]
    if instructions:
        return _instruction(raw, instructions[0], location)
    parts = ((name, parse_tree(value, (*location, name))) for name, value in raw.items())
    return Fields(tuple(parts))


def _instruction(raw: dict[str, JsonValue], name: str, location: Location) -> Node:
    if name not in _OPTIONS:
        mend = f"there are {', '.join(_OPTIONS)}"
        raise TreeError((*location, name), f"unknown instruction {name!r}", mend)
    for key in raw:
        if key != name and key not in _OPTIONS[name]:
            mend = f"it takes {', '.join(sorted(_OPTIONS[name])) or 'nothing'} beside it"
            raise TreeError((*location, key), f"{name} does not know {key!r}", mend)
    absolute = raw.get("absolute", False)
    if not isinstance(absolute, bool):
        raise TreeError((*location, "absolute"), "absolute is true or false", "write true or false")
    here = (*location, name)
    match name:
        case "$column":
            return FromColumn(_text(raw[name], here, "a column's name"), absolute)
        case "$money":
            return MoneyProduct(_names(raw[name], here), absolute)
        case "$text":
            return FromText(_template(_text(raw[name], here, "a text with {Column} in it"), here))
        case "$lines":
            return Lines(parse_tree(raw[name], here))
        case _:
            return _sum(parse_tree(raw[name], here), here)


def _text(raw: JsonValue, location: Location, meaning: str) -> str:
    if not isinstance(raw, str):
        raise TreeError(location, f"{raw!r} is not {meaning}", f"write {meaning}")
    return raw


def _names(raw: JsonValue, location: Location) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        raise TreeError(location, "$money multiplies columns", "write {$money: [Quantity, Price]}")
    if len(raw) > MAX_FACTORS:
        mend = f"multiply at most {MAX_FACTORS} columns"
        raise TreeError(location, f"{len(raw)} factors are too many", mend)
    return tuple(_text(name, (*location, i), "a column's name") for i, name in enumerate(raw))


def _template(text: str, location: Location) -> tuple[TemplatePiece, ...]:
    try:
        return parse_template(text)
    except ValueError as error:
        raise TreeError(location, str(error), "close every {Column} with }") from None


def _sum(operand: Node, location: Location) -> Sum:
    if not isinstance(operand, FromColumn | MoneyProduct):
        mend = "write {$sum: {$money: [Quantity, Price]}} or {$sum: {$column: Quantity}}"
        raise TreeError(location, "$sum adds up $column or $money", mend)
    return Sum(operand)
