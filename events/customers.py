"""Facts about who a customer is: master data, which folds on arrival however old it is."""

from enum import StrEnum
from typing import Annotated

import msgspec

from events.values import Code, CustomerKind, CustomerRef, PartyCode, PersonalText


class CustomerRegistered(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A customer became known to an upstream system, or its master data was sent whole again.

    The last one received stands.
    """

    customer: CustomerRef
    kind: CustomerKind
    tier: Code | None = None
    industry: Code | None = None
    region: Code | None = None
    name: PersonalText | None = None
    contact: PersonalText | None = None


class ClearableField(StrEnum):
    """A field of a customer's master data that may be without a value."""

    TIER = "tier"
    INDUSTRY = "industry"
    REGION = "region"
    NAME = "name"
    CONTACT = "contact"


ClearedFields = Annotated[tuple[ClearableField, ...], msgspec.Meta(max_length=5)]


class CustomerChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Some of a customer's master data changed; what is not named stays as it was.

    A field left out and a field sent as null say nothing. Only ``cleared`` takes a value away, by
    the field's name; a field that is named there and bears a value is cleared and then set.
    """

    customer: CustomerRef
    kind: CustomerKind | None = None
    tier: Code | None = None
    industry: Code | None = None
    region: Code | None = None
    name: PersonalText | None = None
    contact: PersonalText | None = None
    cleared: ClearedFields = ()


class AccountAssigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer was put under a root account, and perhaps into an account manager's hands.

    A customer without one is its own account. One fact per customer.
    """

    customer: CustomerRef
    root_account: PartyCode
    owner: PartyCode | None = None
