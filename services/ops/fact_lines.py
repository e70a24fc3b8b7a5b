"""Facts as a card lists them: when, what, how much. No personal field is read."""

import datetime
from collections.abc import Sequence
from typing import assert_never

import msgspec

from events.calendar import date_of, time_of
from events.catalogue import REGISTRY
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.retention import RetentionClosed
from events.usage import UsageRecorded
from events.values import Money, Quantity
from infra.log.records import FactRecord


class FactLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact, in the fields that its type has and that are not personal.

    ``money`` is an order's or a return's total, or a compensation.

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
    channel: Channel | None = None
    direction: Direction | None = None
    subject: str | None = None
    outcome: str | None = None
    complaint_id: str | None = None
    category: str | None = None
    severity: Severity | None = None
    resolution: str | None = None
    satisfaction: Satisfaction | None = None


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
    return _told(line, REGISTRY.decode(fact.type, fact.data))


def _told(line: FactLine, event: msgspec.Struct) -> FactLine:
    match event:
        case OrderPlaced(total=total) | OrderReturned(total=total):
            return msgspec.structs.replace(line, money=total)
        case UsageRecorded(service=service, quantity=quantity):
            return msgspec.structs.replace(line, service=service, quantity=quantity)
        case InteractionRecorded():
            return msgspec.structs.replace(
                line,
                channel=event.channel,
                direction=event.direction,
                subject=event.subject,
                outcome=event.outcome,
            )
        case ComplaintOpened() | ComplaintResolved() | ComplaintReopened():
            return _complaint_told(line, event)
        case RetentionClosed(reason=reason, outcome=outcome):
            return msgspec.structs.replace(line, subject=reason.value, outcome=outcome.value)
        case _:
            return line


def _complaint_told(
    line: FactLine, event: ComplaintOpened | ComplaintResolved | ComplaintReopened
) -> FactLine:
    named = msgspec.structs.replace(line, complaint_id=event.complaint_id)
    match event:
        case ComplaintOpened(category=category, severity=severity):
            return msgspec.structs.replace(named, category=category, severity=severity)
        case ComplaintResolved():
            return msgspec.structs.replace(
                named,
                money=event.compensation,
                resolution=event.resolution,
                satisfaction=event.satisfaction,
            )
        case ComplaintReopened(severity=severity):
            return msgspec.structs.replace(named, severity=severity)
        case _ as never:
            assert_never(never)
