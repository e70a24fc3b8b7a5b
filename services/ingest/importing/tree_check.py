"""Whether a data tree can become the struct of its fact type, as far as that shows before any data."""

import datetime
import types
import typing
from collections.abc import Mapping
from enum import Enum

import msgspec

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
)
from services.ingest.importing.map_model import Column, TimeColumn
from services.ingest.importing.map_source import Location
from services.ingest.importing.templates import placeholders

NUMERIC = {"integer", "decimal"}


class TreeCheck:
    """Checks trees against types, given the columns there are."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def check(self, tree: Node, struct: type[msgspec.Struct], location: Location) -> None:
        """Raise `TreeError` at the first thing that can never become ``struct``."""
        self._node(tree, struct, location, in_lines=False)

    def column(self, name: str, location: Location) -> Column:
        """Return a column by name. Raises `TreeError` where the map declares none of that name."""
        found = self._columns.get(name)
        if found is None:
            mend = f"the columns of this map are {', '.join(self._columns)}"
            raise TreeError(location, f"unknown column {name!r}", mend)
        return found

    def numeric(self, name: str, location: Location) -> Column:
        """Return a column of numbers, or raise `TreeError`."""
        column = self.column(name, location)
        if column.type not in NUMERIC:
            mend = "declare it as integer or decimal"
            raise TreeError(location, f"column {name!r} is {column.type}, not a number", mend)
        return column

    def _node(self, node: Node, hint: object, location: Location, *, in_lines: bool) -> None:
        match node:
            case Constant(value=value):
                _check_constant(value, hint, location)
            case Fields(fields=fields):
                self._fields(dict(fields), hint, location, in_lines=in_lines)
            case Lines(item=item):
                _refuse_nesting(location, in_lines=in_lines)
                self._node(item, _item_of(hint, location), (*location, "$lines"), in_lines=True)
            case Sum(of=operand):
                _refuse_nesting(location, in_lines=in_lines)
                self._value(operand, hint, (*location, "$sum"))
            case FromColumn() | FromText() | MoneyProduct():
                self._value(node, hint, location)

    def _fields(
        self, fields: dict[str, Node], hint: object, location: Location, *, in_lines: bool
    ) -> None:
        struct = _struct_of(hint)
        if struct is None:
            raise TreeError(location, f"{_name(location)} has no fields", "write one value")
        hints = typing.get_type_hints(struct, include_extras=True)
        for name, node in fields.items():
            if name not in hints:
                mend = f"its fields are {', '.join(hints)}"
                raise TreeError((*location, name), f"{struct.__name__} has no {name!r}", mend)
            self._node(node, hints[name], (*location, name), in_lines=in_lines)
        for field in msgspec.structs.fields(struct):
            if field.required and field.name not in fields:
                mend = f"add {field.name}"
                raise TreeError(location, f"{struct.__name__} needs {field.name!r}", mend)

    def _value(
        self, node: FromColumn | FromText | MoneyProduct, hint: object, location: Location
    ) -> None:
        kinds = _kinds_of(hint)
        match node:
            case FromColumn(column=name, absolute=absolute):
                place = (*location, "$column")
                column = self.numeric(name, place) if absolute else self.column(name, place)
                given = column.type
            case FromText(pieces=pieces):
                place, given = (*location, "$text"), "text"
                for name in placeholders(pieces):
                    self.column(name, place)
            case MoneyProduct(factors=factors):
                place, given = (*location, "$money"), "integer"
                for i, name in enumerate(factors):
                    self.numeric(name, (*place, i))
        if given not in kinds:
            what = f"{_name(location)} takes {' or '.join(sorted(kinds)) or 'fields'}, not {given}"
            raise TreeError(place, what, "take another column, or declare its type anew")


def with_optional(node: Node, hint: object) -> Node:
    """Return a tree that was checked, with the structs marked that its fact can do without."""
    match node:
        case Fields(fields=fields):
            hints = typing.get_type_hints(_struct_of(hint), include_extras=True)
            parts = tuple((name, with_optional(part, hints[name])) for name, part in fields)
            return Fields(parts, optional=_is_optional(hint))
        case Lines(item=item):
            return Lines(with_optional(item, _item_of(hint, ())))
        case _:
            return node


def columns_with_time(columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the names of the columns that hold times."""
    return tuple(name for name, column in columns.items() if isinstance(column, TimeColumn))


def _refuse_nesting(location: Location, *, in_lines: bool) -> None:
    if in_lines:
        mend = "inside $lines use $column, $text, $money and constants"
        raise TreeError(location, "$lines and $sum cannot stand inside $lines", mend)


def _check_constant(value: object, hint: object, location: Location) -> None:
    try:
        msgspec.convert(value, typing.cast("type[object]", hint))
    except msgspec.ValidationError as error:
        what = f"{_name(location)} cannot be {value!r}: {str(error).partition(' - at')[0]}"
        raise TreeError(location, what, "see the type's JSON Schema in schemas/") from None


def _bare(hint: object) -> object:
    """Return a type without ``Annotated`` and without ``| None``."""
    if typing.get_origin(hint) is typing.Annotated:
        return _bare(typing.get_args(hint)[0])
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        return _bare(next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    return hint


def _is_optional(hint: object) -> bool:
    return type(None) in typing.get_args(hint)


def _struct_of(hint: object) -> type[msgspec.Struct] | None:
    bare = _bare(hint)
    return bare if isinstance(bare, type) and issubclass(bare, msgspec.Struct) else None


def _item_of(hint: object, location: Location) -> object:
    bare = _bare(hint)
    if typing.get_origin(bare) is not tuple:
        raise TreeError(location, f"{_name(location)} is no list", "use $lines only for a list")
    return typing.get_args(bare)[0]


def _kinds_of(hint: object) -> set[str]:
    """Return the kinds of value that a field takes: text, integer, decimal, time."""
    bare = _bare(hint)
    if not isinstance(bare, type):
        return set()
    if issubclass(bare, str | Enum):
        return {"text"}
    if issubclass(bare, datetime.datetime):
        return {"time"}
    return {int: {"integer"}, float: {"integer", "decimal"}}.get(bare, set())


def _name(location: Location) -> str:
    return ".".join(str(part) for part in location if not str(part).startswith("$"))
