"""Partials joined into facts, each of which the door admits or refuses."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from events.calendar import time_of
from events.envelope import CloudEvent
from events.values import CustomerId, Key
from infra.log.records import NewFact
from services.ingest.door import Door, Now, Refusal, RefusalReason
from services.ingest.importing.cells import Value
from services.ingest.importing.data_tree import Constant, Fields, Lines, Node, Sum
from services.ingest.importing.fact_plan import FactPlan, json_encoder
from services.ingest.importing.grouping import LineItems, PartialBody, PartialFact
from services.ingest.importing.ids import IdMaker
from services.ingest.importing.label import ImportLabel
from services.ingest.importing.map_model import Column
from services.ingest.importing.numerals import Number, add_exactly
from services.ingest.importing.spool_rows import DeadRow, SpooledFact

_partials = msgspec.msgpack.Decoder(PartialBody)


class LinesOfFact(NamedTuple):
    """Which lines a fact came from: its rule, its earliest line, all of them."""

    kind: int
    sequence: int
    lines: bytes


class Assembler:
    """Joins the partials of one fact rule."""

    def __init__(self, plan: FactPlan, columns: dict[str, Column], ids: IdMaker) -> None:
        self.plan = plan
        self._decimal = [column.type == "decimal" for column in columns.values()]
        self._ids = ids

    def join(self, partials: Sequence[PartialFact], source: str) -> tuple[CloudEvent, bytes]:
        """Return the event of a group, and the sequences of its lines."""
        bodies = [_partials.decode(partial.body) for partial in partials]
        earliest = partials[0]
        first = self._cells(bodies[0].first)
        data = json_encoder.encode(self._filled(self.plan.tree, first, bodies))
        event = CloudEvent(
            specversion="1.0",
            id=self._ids.id_of(first, earliest.time, earliest.sequence),
            source=source,
            type=self.plan.rule.type,
            time=time_of(earliest.time),
            data=msgspec.Raw(data),
        )
        return event, b"".join(body.lines for body in bodies)

    def _cells(self, first: list[str | int | None]) -> list[Value]:
        cells = zip(first, self._decimal, strict=True)
        return [Decimal(cell) if decimal and cell is not None else cell for cell, decimal in cells]

    def _filled(self, node: Node, first: list[Value], bodies: list[PartialBody]) -> object:
        match node:
            case Constant(value=value):
                return value
            case Fields(fields=fields):
                return node.given(
                    {name: self._filled(part, first, bodies) for name, part in fields}
                )
            case Sum():
                return _sum(bodies, self.plan.sums.index(node))
            case Lines():
                return _items(bodies, self.plan.lists.index(node))
            case _:
                return self.plan.reader.reading(node)(first)


def admit(door: Door, event: CloudEvent, now: Now) -> NewFact | Refusal:
    """Ask the door, which takes id and source for checked; here they come from a file."""
    try:
        msgspec.convert(event.id, Key)
    except msgspec.ValidationError as error:
        mend = "an id is 1 to 128 characters without control characters; mend the cells or the map"
        return Refusal(RefusalReason.INVALID, "$.id", str(error), mend)
    return door.admit(event, now)


def dead_row(refusal: Refusal, event: CloudEvent, place: LinesOfFact) -> DeadRow:
    """Return the dead letter of a refused fact: the event as it would be sent over HTTP."""
    why = (refusal.reason.value, f"{refusal.field}: {refusal.detail}", refusal.mend)
    body = msgspec.json.encode(event)
    return DeadRow(place.sequence, place.kind, *why, place.lines, body)


def fact_of(fact: SpooledFact, label: ImportLabel) -> NewFact:
    """Return a spooled fact as it goes into the log."""
    return NewFact(
        type=label.types[fact.kind],
        customer_id=CustomerId(fact.customer),
        source=label.source,
        id=fact.id,
        time=fact.time,
        day=fact.day,
        data=fact.data,
    )


def event_of(fact: SpooledFact, label: ImportLabel) -> CloudEvent:
    """Return a spooled fact as the event it was."""
    return CloudEvent(
        specversion="1.0",
        id=fact.id,
        source=label.source,
        type=label.types[fact.kind],
        time=time_of(fact.time),
        data=msgspec.Raw(fact.data),
    )


def _sum(bodies: Iterable[PartialBody], index: int) -> Number:
    total: Number = 0
    for body in bodies:
        text = body.sums[index]
        total = add_exactly(total, int(text) if text.lstrip("-").isdigit() else Decimal(text))
    return total


def _items(bodies: Iterable[PartialBody], index: int) -> list[msgspec.Raw]:
    lines: list[LineItems] = sorted(line for body in bodies for line in body.items)
    return [msgspec.Raw(line.items[index]) for line in lines]
