"""Facts about consumption of a metered service."""

import msgspec

from events.values import CustomerRef, Quantity, ServiceCode


class UsageRecorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer consumed so much of a service; the event's time says when."""

    customer: CustomerRef
    service: ServiceCode
    quantity: Quantity
