"""Facts about buying: orders placed and orders returned."""

from typing import Annotated

import msgspec

from events.values import CustomerRef, Key, MinorUnits, Money, PersonalText, Quantity


class OrderLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of an order. ``amount`` is the line's total in minor units of the order's currency."""

    sku: Key
    quantity: Quantity
    amount: MinorUnits
    description: PersonalText | None = None


OrderLines = Annotated[tuple[OrderLine, ...], msgspec.Meta(max_length=5000)]


class OrderPlaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer bought. ``total`` is what counts; lines may leave out postage and discounts."""

    customer: CustomerRef
    order_id: Key
    total: Money
    lines: OrderLines = ()


class OrderReturned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer sent goods back or cancelled. ``total`` is the value returned, not negative."""

    customer: CustomerRef
    return_id: Key
    total: Money
    order_id: Key | None = None
    lines: OrderLines = ()
