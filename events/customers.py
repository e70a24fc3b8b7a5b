"""Facts about who a customer is: master data, which folds on arrival however old it is."""

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


class AccountAssigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer was put under a root account, and perhaps into an account manager's hands.

    A customer without one is its own account. One fact per customer.
    """

    customer: CustomerRef
    root_account: PartyCode
    owner: PartyCode | None = None
