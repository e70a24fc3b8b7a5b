"""What the firm says of a customer: kind, tier, account, owner. Folds on arrival."""

from typing import assert_never

import msgspec

from events.customers import AccountAssigned, ClearableField, CustomerChanged, CustomerRegistered
from events.signals import Placement
from events.values import CustomerId

MasterFact = CustomerRegistered | CustomerChanged | AccountAssigned


class MasterData(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last master data received; None where nothing was said yet."""

    kind: str | None = None
    tier: str | None = None
    industry: str | None = None
    region: str | None = None
    root_account: str | None = None
    owner: str | None = None

    def with_fact(self, fact: MasterFact) -> "MasterData":
        """Return the master data after a fact about it."""
        match fact:
            case CustomerRegistered():
                return self.registered(fact)
            case CustomerChanged():
                return self.changed(fact)
            case AccountAssigned():
                return self.assigned(fact)
            case _ as never:
                assert_never(never)

    def registered(self, fact: CustomerRegistered) -> "MasterData":
        """Return the master data after a registration, which replaces all that it speaks of."""
        return msgspec.structs.replace(
            self,
            kind=fact.kind.value,
            tier=fact.tier,
            industry=fact.industry,
            region=fact.region,
        )

    def changed(self, fact: CustomerChanged) -> "MasterData":
        """Return the master data after a change, which clears and then sets what it names."""
        return msgspec.structs.replace(
            self,
            kind=self.kind if fact.kind is None else fact.kind.value,
            tier=fact.tier or _left(self.tier, ClearableField.TIER, fact),
            industry=fact.industry or _left(self.industry, ClearableField.INDUSTRY, fact),
            region=fact.region or _left(self.region, ClearableField.REGION, fact),
        )

    def assigned(self, fact: AccountAssigned) -> "MasterData":
        """Return the master data after an assignment to an account."""
        return msgspec.structs.replace(self, root_account=fact.root_account, owner=fact.owner)

    def placement(self, customer_id: CustomerId) -> Placement:
        """Return where the customer stands; without an account it is its own."""
        return Placement(self.root_account or customer_id, self.owner, self.region, self.tier)


def _left(value: str | None, field: ClearableField, fact: CustomerChanged) -> str | None:
    return None if field in fact.cleared else value
