"""Lines gathered into facts, a stretch of lines at a time, so that memory stays bounded.

A stretch leaves one `PartialFact` for each group that it touched; partials of a group are joined
when all lines are read, wherever they stood.
"""

from array import array
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from services.ingest.importing.cells import Values
from services.ingest.importing.fact_plan import FactPlan, LineReading
from services.ingest.importing.numerals import Number, add_exactly


class LineItems(NamedTuple):
    """A line's share of the lists of a fact, as JSON."""

    time: int
    sequence: int
    items: tuple[bytes, ...]


class PartialBody(msgspec.Struct, frozen=True, array_like=True):
    """What a stretch of lines gives to a fact. ``first`` are the cells of its earliest line."""

    first: list[str | int | None]
    sums: list[str]
    lines: bytes
    items: list[LineItems]


class PartialFact(NamedTuple):
    """A partial as it goes into the spool. (time, sequence) is that of the earliest line."""

    kind: int
    key: str
    time: int
    sequence: int
    body: bytes


class _OpenGroup:
    __slots__ = ("first", "items", "lines", "sequence", "sums", "time")

    def __init__(self, reading: LineReading, sequence: int, values: Values) -> None:
        self.time = reading.time
        self.sequence = sequence
        self.first = values
        self.sums: list[Number] = list(reading.addends)
        self.lines = array("Q", (sequence,))
        self.items: list[LineItems] = []


class GroupBuffer:
    """Gathers the lines of one fact rule."""

    def __init__(self, kind: int, plan: FactPlan) -> None:
        self._kind = kind
        self._with_items = bool(plan.lists)
        self._groups: dict[str, _OpenGroup] = {}

    def add(self, reading: LineReading, sequence: int, values: Values) -> None:
        """Add a line. Of two lines of one time, the one that stands first is the earlier."""
        group = self._groups.get(reading.key)
        if group is None:
            group = self._groups[reading.key] = _OpenGroup(reading, sequence, values)
        else:
            group.lines.append(sequence)
            for i, addend in enumerate(reading.addends):
                group.sums[i] = add_exactly(group.sums[i], addend)
            if reading.time < group.time:
                group.time, group.sequence, group.first = reading.time, sequence, values
        if self._with_items:
            group.items.append(LineItems(reading.time, sequence, reading.items))

    def drain(self) -> Iterator[PartialFact]:
        """Yield a partial for each group, and forget them."""
        for key, group in self._groups.items():
            body = PartialBody(
                [str(cell) if isinstance(cell, Decimal) else cell for cell in group.first],
                [str(number) for number in group.sums],
                group.lines.tobytes(),
                group.items,
            )
            encoded = msgspec.msgpack.encode(body)
            yield PartialFact(self._kind, key, group.time, group.sequence, encoded)
        self._groups.clear()
