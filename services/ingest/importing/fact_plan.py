"""A fact rule made ready: what is read from each line, and how a group of lines becomes a fact."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

import msgspec

from events.calendar import time_of
from services.ingest.importing.cells import RowProblem, UnmappableError, Value, Values
from services.ingest.importing.conditions import Test, compile_condition
from services.ingest.importing.data_tree import (
    Constant,
    Fields,
    FromColumn,
    FromText,
    Lines,
    MoneyProduct,
    Node,
    Sum,
    parse_tree,
)
from services.ingest.importing.map_model import Column, FactRule, TimeColumn
from services.ingest.importing.templates import (
    Placeholder,
    TemplatePiece,
    parse_template,
    placeholders,
)

EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
"""Room for a product of a dozen numbers of 30 digits without any rounding before the last."""

KEY_SEPARATOR = "\x1f"

json_encoder = msgspec.json.Encoder(decimal_format="number")

Number = int | Decimal
Reading = Callable[[Values], object]


class LineReading(NamedTuple):
    """What one line gives to a fact: its share of lists and sums."""

    key: str
    time: int
    items: tuple[bytes, ...]
    addends: tuple[Number, ...]


class FactPlan:
    """One fact rule over the columns of a map."""

    def __init__(self, rule: FactRule, columns: Mapping[str, Column], minor_digits: int) -> None:
        self.rule = rule
        self.columns = tuple(columns)
        self._times = {name for name, kind in columns.items() if isinstance(kind, TimeColumn)}
        self._minor = Decimal(10) ** minor_digits
        self.tree = parse_tree(rule.data, ())
        self.lists = tuple(node for node in _leaves(self.tree) if isinstance(node, Lines))
        self.sums = tuple(node for node in _leaves(self.tree) if isinstance(node, Sum))
        self.takes: Test | None = (
            None if rule.when is None else compile_condition(rule.when, self.columns)
        )
        self._time = self.columns.index(rule.time)
        self._key = tuple(self.columns.index(name) for name in rule.group_by)
        named = placeholders(parse_template(rule.id))
        self._in_id = tuple(self.columns.index(name) for name in named if name in columns)
        self._items = tuple(self.reading(node.item) for node in self.lists)
        self._addends = tuple((node, self.reading(node.of)) for node in self.sums)

    def read(self, values: Values, sequence: int) -> LineReading:
        """Return what a line gives to the fact of its group.

        Raises:
            UnmappableError: a cell is empty that group, time or sum cannot do without.
        """
        time = values[self._time]
        if not isinstance(time, int):
            raise _missing(self.rule.time)
        encode = json_encoder.encode
        return LineReading(
            self._key_of(values, sequence),
            time,
            tuple([encode(item(values)) for item in self._items]),
            tuple([_addend(node, reading(values)) for node, reading in self._addends]),
        )

    def reading(self, node: Node) -> Reading:
        """Return the function from a row's values to the JSON value of a node."""
        match node:
            case Constant(value=value):
                return lambda _: value
            case FromColumn(column=name, absolute=absolute):
                return self.column_reading(name, absolute=absolute)
            case FromText(pieces=pieces):
                return self._text_reading(pieces)
            case MoneyProduct(factors=factors, absolute=absolute):
                return self._money_reading(factors, absolute=absolute)
            case Fields(fields=fields):
                return _fields_reading([(name, self.reading(part)) for name, part in fields])
            case Lines() | Sum():
                raise TypeError("lists and sums stand outside of lines; the map was checked")

    def column_reading(self, name: str, *, absolute: bool = False) -> Reading:
        """Return the function from a row's values to what a column shows of them."""
        index = self.columns.index(name)
        if name in self._times:
            return lambda values: _iso(values[index])
        if absolute:
            return lambda values: _absolute(values[index])
        return lambda values: values[index]

    def _key_of(self, values: Values, sequence: int) -> str:
        for index in self._in_id:
            if values[index] is None:
                raise _missing(self.columns[index])
        if not self._key:
            return str(sequence)
        return KEY_SEPARATOR.join([str(values[index]) for index in self._key])

    def _text_reading(self, pieces: tuple[TemplatePiece, ...]) -> Reading:
        parts = [
            self.column_reading(piece.name)
            if isinstance(piece, Placeholder)
            else self.reading(Constant(piece))
            for piece in pieces
        ]

        def text(values: Values) -> str | None:
            read = [part(values) for part in parts]
            return None if None in read else "".join(map(str, read))

        return text

    def _money_reading(self, factors: Sequence[str], *, absolute: bool) -> Reading:
        indexes = [self.columns.index(name) for name in factors]
        minor, multiply, whole = self._minor, EXACT.multiply, EXACT.to_integral_value

        def money(values: Values) -> int | None:
            product = minor
            for index in indexes:
                factor = values[index]
                if not isinstance(factor, int | Decimal):
                    return None
                product = multiply(product, factor)
            rounded = int(whole(product))
            return abs(rounded) if absolute else rounded

        return money


def _fields_reading(parts: list[tuple[str, Reading]]) -> Reading:
    def fields(values: Values) -> dict[str, object]:
        read = {}
        for name, reading in parts:
            value = reading(values)
            if value is not None:
                read[name] = value
        return read

    return fields


def _leaves(node: Node) -> list[Node]:
    """Return the nodes of a tree that are no struct, in order, each once."""
    if not isinstance(node, Fields):
        return [node]
    leaves = [leaf for _, part in node.fields for leaf in _leaves(part)]
    return [leaf for i, leaf in enumerate(leaves) if leaf not in leaves[:i]]


def add_exactly(left: Number, right: Number) -> Number:
    """Return the sum, which Python's own ``+`` would round to 28 digits for decimals."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(Decimal(left), Decimal(right))


def iso_time(instant: int) -> str:
    """Return an instant as text in UTC, such as ``2010-12-01T08:26:00Z``."""
    return time_of(instant).isoformat().replace("+00:00", "Z")


def _iso(value: Value) -> str | None:
    return iso_time(value) if isinstance(value, int) else None


def _absolute(value: Value) -> Value:
    if isinstance(value, Decimal):
        return value.copy_abs()
    return abs(value) if isinstance(value, int) else value


def _addend(node: Sum, value: object) -> Number:
    if isinstance(value, int | Decimal):
        return value
    names = (node.of.column,) if isinstance(node.of, FromColumn) else node.of.factors
    raise _missing(" or ".join(names))


def _missing(column: str) -> UnmappableError:
    detail = f"{column} is empty, but the fact cannot do without"
    return UnmappableError(RowProblem.MISSING_VALUE, detail, "fill the cell, or skip such lines")
