"""A fact rule made ready: what each line gives to the fact of its group."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import msgspec

from services.ingest.importing.cells import RowProblem, UnmappableError, Values
from services.ingest.importing.conditions import Test, compile_condition
from services.ingest.importing.data_tree import Fields, FromColumn, Lines, Node, Sum, parse_tree
from services.ingest.importing.map_check import fact_struct
from services.ingest.importing.map_model import Column, FactRule
from services.ingest.importing.numerals import Number
from services.ingest.importing.readings import NodeReader
from services.ingest.importing.templates import parse_template, placeholders
from services.ingest.importing.tree_check import with_optional

KEY_SEPARATOR = "\x1f"

json_encoder = msgspec.json.Encoder(decimal_format="number")


class LineReading(NamedTuple):
    """What one line gives to a fact: its share of lists and sums."""

    key: str
    time: int
    items: tuple[bytes, ...]
    addends: tuple[Number, ...]


class FactPlan:
    """One fact rule over the columns of a map. ``lists`` and ``sums`` are numbered as they stand."""

    def __init__(self, rule: FactRule, columns: Mapping[str, Column], minor_digits: int) -> None:
        self.rule = rule
        self.reader = NodeReader(columns, minor_digits)
        self.tree = with_optional(parse_tree(rule.data, ()), fact_struct(rule))
        self.lists = tuple(node for node in _leaves(self.tree) if isinstance(node, Lines))
        self.sums = tuple(node for node in _leaves(self.tree) if isinstance(node, Sum))
        names = self.reader.columns
        self.takes: Test | None = None if rule.when is None else compile_condition(rule.when, names)
        self._time = names.index(rule.time)
        self._key = tuple(names.index(name) for name in rule.group_by)
        in_id = placeholders(parse_template(rule.id))
        self._in_id = tuple(names.index(name) for name in in_id if name in columns)
        self._items = tuple(self.reader.reading(node.item) for node in self.lists)
        self._addends = tuple((node, self.reader.reading(node.of)) for node in self.sums)

    def read(self, values: Values, sequence: int) -> LineReading:
        """Return what a line gives to the fact of its group.

        Raises:
            UnmappableError: a cell is empty that id, time or sum cannot do without.
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

    def _key_of(self, values: Values, sequence: int) -> str:
        for index in self._in_id:
            if values[index] is None:
                raise _missing(self.reader.columns[index])
        if not self._key:
            return str(sequence)
        return KEY_SEPARATOR.join([str(values[index]) for index in self._key])


def _leaves(node: Node) -> list[Node]:
    """Return the nodes of a tree that are no struct, in order, each once."""
    if not isinstance(node, Fields):
        return [node]
    leaves = [leaf for _, part in node.fields for leaf in _leaves(part)]
    return [leaf for i, leaf in enumerate(leaves) if leaf not in leaves[:i]]


def _addend(node: Sum, value: object) -> Number:
    if isinstance(value, int | Decimal):
        return value
    names = (node.of.column,) if isinstance(node.of, FromColumn) else node.of.factors
    raise _missing(" or ".join(names))


def _missing(column: str) -> UnmappableError:
    detail = f"{column} is empty, but the fact cannot do without"
    return UnmappableError(RowProblem.MISSING_VALUE, detail, "fill the cell, or skip such lines")
