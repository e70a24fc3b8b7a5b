"""The golden history: one short literal life that walks through every rule of the fold.

Gaps, a silence raised and cleared, late facts, returns, usage beyond the room there is, placements
and changes of them, contacts in both directions, complaints in every order, a retention task that ended.
"""

import msgspec

from domain.customer.golden_metering import golden_use
from events.calendar import date_of
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import AccountAssigned, ClearableField, CustomerChanged, CustomerRegistered
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.retention import RetentionClosed
from events.signals import SignalReason
from events.task_values import Outcome
from events.usage import UsageRecorded
from events.values import CustomerKind, CustomerRef, Money, Quantity

Arrival = tuple[int, int, msgspec.Struct]
"""A fact: its day, the day that is open when it arrives, what it says."""

_REF = CustomerRef("golden", "1")


def golden_history(currency: str) -> tuple[Arrival, ...]:
    """Return the facts in the order of the log, with money in this currency."""
    facts = [*_placements(), *_purchases(currency), *_uses(), *_contacts(), *_tasks()]
    facts += [*_one_complaint(), *_complaints_out_of_order(), *_many_complaints()]
    return tuple(sorted(facts, key=lambda fact: fact[1]))


def _placements() -> list[Arrival]:
    cleared = (ClearableField.TIER, ClearableField.INDUSTRY)
    return [
        (0, 0, CustomerRegistered(_REF, CustomerKind.GROUP_SMALL, "gold", "retail", "north")),
        (3, 3, AccountAssigned(_REF, "A-1", "M-7")),
        (5, 5, CustomerChanged(_REF, tier="silver", region="south")),
        (6, 6, CustomerChanged(_REF, CustomerKind.VIP, tier="platinum", cleared=cleared)),
        (2, 7, CustomerChanged(_REF, industry="mining", cleared=(ClearableField.REGION,))),
    ]


def _purchases(currency: str) -> list[Arrival]:
    buying = ((0, 1200), (9, 800), (21, 950), (30, 400), (30, 100), (42, 2000), (180, 650))
    return [
        *(
            (day, day, OrderPlaced(_REF, f"o{day}", Money(amount, currency)))
            for day, amount in buying
        ),
        (44, 44, OrderReturned(_REF, "r1", Money(300, currency), "o42")),
        (40, 47, OrderPlaced(_REF, "late", Money(70, currency))),
        (183, 189, OrderPlaced(_REF, "late and newer", Money(80, currency))),
        (185, 190, OrderPlaced(_REF, "late and newest", Money(90, currency))),
    ]


def _uses() -> list[Arrival]:
    short = [
        (day, day + day % 3, UsageRecorded(_REF, f"service-{day % 8}", Quantity(day * 1.5, "GB")))
        for day in range(0, 120, 7)
    ]
    return [
        *short,
        *golden_use(_REF),
        (130, 130, UsageRecorded(_REF, "long-" * 4, Quantity(2.0, "piece"))),
    ]


def _contacts() -> list[Arrival]:
    inbound, outbound = Direction.INBOUND, Direction.OUTBOUND
    return [
        (10, 10, InteractionRecorded(_REF, Channel.CALL, inbound, "invoice", "promised")),
        (10, 10, InteractionRecorded(_REF, Channel.EMAIL, outbound)),
        (60, 60, InteractionRecorded(_REF, Channel.VISIT, outbound)),
        (55, 62, InteractionRecorded(_REF, Channel.WEB, inbound)),
        (64, 70, InteractionRecorded(_REF, Channel.CHAT, inbound)),
    ]


def _tasks() -> list[Arrival]:
    """A retention task ended: it stands in the log, and changes nothing of the customer."""
    quiet, lost = SignalReason.UNUSUALLY_QUIET, Outcome.LOST_TO_PRICE
    return [(80, 80, RetentionClosed(_REF, "t1", quiet, lost, date_of(70), 2, "M-7"))]


def _one_complaint() -> list[Arrival]:
    """Opened, said twice, resolved, resolved again, and back twice."""
    return [
        (20, 20, ComplaintOpened(_REF, "c1", "billing", Severity.HIGH)),
        (21, 21, ComplaintOpened(_REF, "c1", "billing", Severity.CRITICAL)),
        (25, 25, ComplaintResolved(_REF, "c1", "refund", Satisfaction.SATISFIED)),
        (25, 26, ComplaintResolved(_REF, "c1", "refund", Satisfaction.UNSATISFIED)),
        (28, 28, ComplaintResolved(_REF, "c1", "gift", Satisfaction.UNSATISFIED)),
        (30, 30, ComplaintReopened(_REF, "c1")),
        (30, 30, ComplaintReopened(_REF, "c1", Severity.LOW)),
        (33, 33, ComplaintReopened(_REF, "c1", Severity.CRITICAL)),
        (31, 35, ComplaintResolved(_REF, "c1", "words")),
    ]


def _complaints_out_of_order() -> list[Arrival]:
    """Closed and reopened before the opening arrives; reopened before the resolution, late."""
    return [
        (50, 50, ComplaintResolved(_REF, "c2", "exchange")),
        (48, 52, ComplaintOpened(_REF, "c2", "delivery", Severity.MEDIUM)),
        (49, 53, ComplaintReopened(_REF, "c2")),
        (54, 54, ComplaintReopened(_REF, "c3", Severity.LOW)),
        (46, 55, ComplaintOpened(_REF, "c3", "delivery", Severity.LOW)),
        (56, 56, ComplaintResolved(_REF, "c3", "exchange")),
    ]


def _many_complaints() -> list[Arrival]:
    """More are open than a state keeps; then those close that are kept, and one that is not."""
    opened: list[Arrival] = [
        (day, 95, ComplaintOpened(_REF, f"m{day}", "quality", Severity.LOW))
        for day in (92, 90, 94, 91, 93, 95)
    ]
    resolved: list[Arrival] = [
        (day + 10, day + 10, ComplaintResolved(_REF, f"m{day}", "repair"))
        for day in (90, 91, 92, 93, 94)
    ]
    return [*opened, *resolved]
