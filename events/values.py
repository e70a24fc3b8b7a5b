"""Values that facts are made of: money, quantities, references, codes.

Each is a frozen struct or a constrained type, so that a decoder refuses a bad value and says where
it stands. Patterns end so that a trailing line feed, which Python's ``$`` lets pass, is refused too.
"""

from enum import StrEnum
from typing import Annotated, NewType

import msgspec

PII_EXTRA = {"pii": True}
"""Mark of a personal field. The fold never reads a field that bears it."""

PersonalText = Annotated[
    str, msgspec.Meta(max_length=500, extra=PII_EXTRA, extra_json_schema={"x-pii": True})
]
"""Free text or a name that may tell who a person is. At most 500 characters."""

CustomerId = NewType("CustomerId", str)
"""Opaque id of a customer: a UUIDv5 in its 36-character text form."""

Key = Annotated[
    str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
]
"""An id that an upstream system gave to something. 1 to 128 characters, no control characters."""

Code = Annotated[
    str, msgspec.Meta(min_length=1, max_length=24, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
]
"""A short word of the firm's own lists (tier, region, industry). 1 to 24 characters."""

PartyCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[!-~]+$(?!\n)")]
"""Code of an account or an account manager. 1 to 40 printable ASCII characters, no blanks."""

ServiceCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,23}$(?!\n)")]
"""Code of a metered service, such as ``mobile-data``. 1 to 24 characters."""

UnitCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9%/._-]{0,15}$(?!\n)")]
"""Unit of a quantity, such as ``GB``, ``min`` or ``piece``. 1 to 16 characters."""

CurrencyCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
"""ISO 4217 currency code."""

MinorUnits = Annotated[int, msgspec.Meta(ge=0, le=10**13)]
"""An amount of money in the minor unit of its currency (pence, fen), 0 to 10^13."""

Magnitude = Annotated[float, msgspec.Meta(ge=0.0, le=1e15)]
"""A measured amount, never negative, at most 10^15."""


DelayDays = Annotated[int, msgspec.Meta(ge=0, le=7)]
"""How many days after its own a day's feed may come, 0 to 7."""


class CustomerKind(StrEnum):
    """What sort of party a customer is."""

    INDIVIDUAL = "individual"
    GROUP_LARGE = "group-large"
    GROUP_MEDIUM = "group-medium"
    GROUP_SMALL = "group-small"
    GROUP_MICRO = "group-micro"
    FAMILY = "family"
    VIP = "vip"


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in integer minor units of an ISO 4217 currency."""

    amount: MinorUnits
    currency: CurrencyCode


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured amount and its unit."""

    value: Magnitude
    unit: UnitCode

    def __post_init__(self) -> None:
        """Write minus zero as zero: they are equal, so their canonical bytes must be too."""
        if not self.value:
            msgspec.structs.force_setattr(self, "value", 0.0)


class CustomerRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an upstream system names a customer: the system's own name and its key there."""

    system: Key
    key: Key
