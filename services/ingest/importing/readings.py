"""Nodes of a data tree as functions over the values of a row."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from events.calendar import time_of
from services.ingest.importing.cells import Value, Values
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
from services.ingest.importing.map_model import Column, TimeColumn
from services.ingest.importing.numerals import Number, to_minor_units
from services.ingest.importing.templates import Placeholder, TemplatePiece

Reading = Callable[[Values], object]


class NodeReader:
    """Makes readings for the columns of one map and the currency of one log."""

    def __init__(self, columns: Mapping[str, Column], minor_digits: int) -> None:
        self.columns = tuple(columns)
        self._times = {name for name, kind in columns.items() if isinstance(kind, TimeColumn)}
        self._units_in_one = Decimal(10) ** minor_digits

    def reading(self, node: Node) -> Reading:
        """Return the function from a row's values to the JSON value of a node.

        What a row has no value for reads as ``None``, and a field of it is left out.
        """
        match node:
            case Constant(value=value):
                return lambda _: value
            case FromColumn(column=name, absolute=absolute):
                return self.column(name, absolute=absolute)
            case FromText(pieces=pieces):
                return self._text(pieces)
            case MoneyProduct(factors=factors, absolute=absolute):
                return self._money(factors, absolute=absolute)
            case Fields(fields=fields):
                return _fields(node, [(name, self.reading(part)) for name, part in fields])
            case Lines() | Sum():
                raise TypeError("lists and sums stand outside of lines; the map was checked")

    def column(self, name: str, *, absolute: bool = False) -> Reading:
        """Return the function from a row's values to what a column shows of them."""
        index = self.columns.index(name)
        if name in self._times:
            return lambda values: _iso(values[index])
        if absolute:
            return lambda values: _absolute(values[index])
        return lambda values: values[index]

    def _text(self, pieces: tuple[TemplatePiece, ...]) -> Reading:
        parts = [
            self.column(piece.name)
            if isinstance(piece, Placeholder)
            else self.reading(Constant(piece))
            for piece in pieces
        ]

        def text(values: Values) -> str | None:
            read = [part(values) for part in parts]
            return None if None in read else "".join(map(str, read))

        return text

    def _money(self, factors: Sequence[str], *, absolute: bool) -> Reading:
        indexes = [self.columns.index(name) for name in factors]
        units_in_one = self._units_in_one

        def money(values: Values) -> int | None:
            numbers: list[Number] = []
            for index in indexes:
                factor = values[index]
                if not isinstance(factor, int | Decimal):
                    return None
                numbers.append(factor)
            rounded = to_minor_units(numbers, units_in_one)
            return abs(rounded) if absolute else rounded

        return money


def iso_time(instant: int) -> str:
    """Return an instant as text in UTC.

    >>> iso_time(0)
    '1970-01-01T00:00:00Z'
    """
    return time_of(instant).isoformat().replace("+00:00", "Z")


def _fields(node: Fields, parts: list[tuple[str, Reading]]) -> Reading:
    return lambda values: node.given({name: reading(values) for name, reading in parts})


def _iso(value: Value) -> str | None:
    return iso_time(value) if isinstance(value, int) else None


def _absolute(value: Value) -> Value:
    if isinstance(value, Decimal):
        return value.copy_abs()
    return abs(value) if isinstance(value, int) else value
