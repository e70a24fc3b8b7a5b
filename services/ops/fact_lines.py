"""Facts as a card lists them: when, what, how much. No personal field is read."""

import datetime
from collections.abc import Sequence

import msgspec

from events.calendar import date_of, time_of
from events.catalogue import REGISTRY
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import Money, Quantity
from infra.log.records import FactRecord


class FactLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact. ``money`` of an order or a return, ``service`` and ``quantity`` of usage.

    ``time`` is when it happened, ``day`` the business day it was stamped with; (``source``, ``id``)
    is how its sender names it, ``offset`` where it stands in the log.
    """

    time: datetime.datetime
    day: datetime.date
    type: str
    source: str
    id: str
    offset: int
    money: Money | None = None
    service: str | None = None
    quantity: Quantity | None = None


def newest_lines(facts: Sequence[FactRecord], number: int) -> tuple[FactLine, ...]:
    """Return the facts that happened last, newest first."""
    newest = sorted(facts, key=lambda fact: (fact.time, fact.offset), reverse=True)
    return tuple(fact_line(fact) for fact in newest[:number])


def fact_line(fact: FactRecord) -> FactLine:
    """Return a fact as a line. Raises what `Registry.decode` raises for a damaged one."""
    if fact.day is None or fact.source is None or fact.id is None:
        raise ValueError(f"offset {fact.offset} holds a mark, not a fact")
    line = FactLine(
        time=time_of(fact.time),
        day=date_of(fact.day),
        type=REGISTRY.current_name(fact.type),
        source=fact.source,
        id=fact.id,
        offset=fact.offset,
    )
    match REGISTRY.decode(fact.type, fact.data):
        case OrderPlaced(total=total) | OrderReturned(total=total):
            return msgspec.structs.replace(line, money=total)
        case UsageRecorded(service=service, quantity=quantity):
            return msgspec.structs.replace(line, service=service, quantity=quantity)
        case _:
            return line
