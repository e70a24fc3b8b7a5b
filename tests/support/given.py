"""Literal facts of a shop, as they stand in a log. Day 15,000 is the 26th of January 2011.

Customers go by a short key (``"anna"``); `id_of` gives the id that the log knows them by.
"""

import msgspec

from events import codec
from events.catalogue import REGISTRY
from events.control import LogCreated
from events.customers import AccountAssigned, CustomerRegistered
from events.identity import CustomerNamespace
from events.orders import OrderLine, OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerId, CustomerKind, CustomerRef, Money, Quantity
from infra.log.records import NewFact

DAY = 15_000
MICROSECONDS_A_DAY = 86_400_000_000
NAMESPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
LOG = LogCreated("0b6c1d8e-33a7-4a53-9d0f-0b3a1c6f2e11", "UTC", "GBP", NAMESPACE)

_NAMESPACE = CustomerNamespace(NAMESPACE)


def ref(customer: str) -> CustomerRef:
    """How the shop names a customer."""
    return CustomerRef("shop", customer)


def id_of(customer: str) -> CustomerId:
    """How the log names a customer."""
    return _NAMESPACE.id_of(ref(customer))


def fact(event: msgspec.Struct, day: int, fact_id: str, customer: str) -> NewFact:
    """A fact at noon of a day, as the door would hand it to the log."""
    return NewFact(
        type=REGISTRY.name_of(event),
        customer_id=id_of(customer),
        source="shop",
        id=fact_id,
        time=day * MICROSECONDS_A_DAY + MICROSECONDS_A_DAY // 2,
        day=day,
        data=codec.encode(event),
    )


def order(customer: str, day: int, amount: int = 1_000, fact_id: str | None = None) -> NewFact:
    """An order of one line; its id is made of customer and day, unless another is given."""
    name = fact_id or f"order {customer} {day}"
    line = OrderLine("LANTERN", Quantity(1.0, "piece"), amount, "white hanging lantern")
    event = OrderPlaced(ref(customer), name, Money(amount, "GBP"), (line,))
    return fact(event, day, name, customer)


def returned(customer: str, day: int, amount: int = 1_000) -> NewFact:
    """A return of so much money."""
    name = f"return {customer} {day}"
    return fact(OrderReturned(ref(customer), name, Money(amount, "GBP")), day, name, customer)


def usage(customer: str, day: int, service: str, value: float, unit: str = "GB") -> NewFact:
    """So much of a service used."""
    name = f"usage {customer} {day} {service} {unit} {value}"
    event = UsageRecorded(ref(customer), service, Quantity(value, unit))
    return fact(event, day, name, customer)


def registered(customer: str, day: int, region: str = "north", tier: str = "gold") -> NewFact:
    """A registration as a small firm."""
    kind = CustomerKind.GROUP_SMALL
    event = CustomerRegistered(ref(customer), kind, tier, "retail", region, "Anna", "07700 900123")
    return fact(event, day, f"registered {customer} {day} {region} {tier}", customer)


def assigned(customer: str, day: int, account: str, owner: str | None = None) -> NewFact:
    """An assignment to an account and its manager."""
    event = AccountAssigned(ref(customer), account, owner)
    return fact(event, day, f"assigned {customer} {day} {account}", customer)


def orders(customer: str, *days: int) -> list[NewFact]:
    """One order on each of these days."""
    return [order(customer, day) for day in days]
