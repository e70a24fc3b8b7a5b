"""Random histories of a few customers who buy, return, consume, complain, fall silent, come back."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import ClearableField, CustomerChanged, CustomerRegistered
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderLine, OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerKind, Money, Quantity
from infra.log.memory import MemoryLog
from infra.log.records import NewFact
from tests.support.given import DAY, fact, ref

CUSTOMERS = ("anna", "bert", "cleo", "dora", "emil")
KINDS = (
    *("order", "order", "order", "order", "return", "usage", "registration", "change"),
    *("contact", "complaint", "resolution", "reopening"),
)


class Happening(NamedTuple):
    """A fact that arrives ``wait`` days after the one before it, and is ``late`` days late."""

    customer: str
    wait: int
    late: int
    kind: str
    amount: int


class Arrival(NamedTuple):
    """A fact and the day that is open when it arrives."""

    today: int
    fact: NewFact


happenings = st.lists(
    st.builds(
        Happening,
        customer=st.sampled_from(CUSTOMERS),
        wait=st.sampled_from((0, 0, 0, 1, 2, 3, 5, 7, 12, 40)),
        late=st.sampled_from((0, 0, 0, 0, 1, 4, 30)),
        kind=st.sampled_from(KINDS),
        amount=st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=60,
)


def regular(customers: Sequence[str], gap: int, times: int) -> list[Happening]:
    """Customers who all buy on the same days, so regularly that their silence surprises."""
    return [
        Happening(customer, gap if customer == customers[0] else 0, 0, "order", 1_000)
        for _ in range(times)
        for customer in customers
    ]


def arrivals(history: Sequence[Happening], personal: str = "Anna") -> list[Arrival]:
    """The facts of a history. ``personal`` stands in every personal field."""
    found: list[Arrival] = []
    today = DAY
    for number, happening in enumerate(history):
        today += happening.wait
        event = _event(happening, number, personal)
        day = today - happening.late
        found.append(Arrival(today, fact(event, day, f"fact {number}", happening.customer)))
    return found


async def play(log: MemoryLog, history: Sequence[Arrival], silence: int = 0) -> None:
    """Open the days and append the facts one by one; in the end let some silent days pass."""
    for arrival in history:
        await log.advance(arrival.today)
        await log.append([arrival.fact])
    if history and silence:
        await log.advance(history[-1].today + silence)


def _event(happening: Happening, number: int, personal: str) -> msgspec.Struct:
    customer, amount = ref(happening.customer), happening.amount
    money = Money(amount, "GBP")
    match happening.kind:
        case "order":
            line = OrderLine("LANTERN", Quantity(1.0, "piece"), amount, personal)
            return OrderPlaced(customer, f"order {number}", money, (line,))
        case "return":
            return OrderReturned(customer, f"return {number}", money)
        case "usage":
            return UsageRecorded(customer, f"service-{amount % 9}", Quantity(amount / 7, "GB"))
        case "contact":
            channel, direction = list(Channel)[amount % 9], list(Direction)[amount % 2]
            return InteractionRecorded(customer, channel, direction, "invoice", note=personal)
        case "registration":
            kind, tier = CustomerKind.FAMILY, ("gold", "silver", None)[amount % 3]
            return CustomerRegistered(customer, kind, tier, "retail", "north", personal, personal)
        case "change":
            cleared = (ClearableField.REGION,) * (amount % 2)
            return CustomerChanged(customer, tier="silver", name=personal, cleared=cleared)
        case _:
            return _of_complaint(happening, personal)


def _of_complaint(happening: Happening, personal: str) -> msgspec.Struct:
    """One of seven complaints of a customer, so that facts about the same one meet."""
    customer, amount = ref(happening.customer), happening.amount
    complaint_id, severity = f"complaint {amount % 7}", list(Severity)[amount % 4]
    match happening.kind:
        case "complaint":
            return ComplaintOpened(customer, complaint_id, "billing", severity, personal)
        case "resolution":
            said = (None, Satisfaction.SATISFIED, Satisfaction.UNSATISFIED)[amount % 3]
            paid = Money(amount, "GBP")
            return ComplaintResolved(customer, complaint_id, "refund", said, paid, personal)
        case _:
            return ComplaintReopened(customer, complaint_id, severity, personal)
