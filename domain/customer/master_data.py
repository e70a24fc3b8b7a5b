"""What the firm says of a customer: kind, tier, account, owner. Folds on arrival."""

import msgspec

from events.customers import AccountAssigned, CustomerRegistered
from events.signals import Placement
from events.values import CustomerId


class MasterData(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last master data received; None where nothing was said yet."""

    kind: str | None = None
    tier: str | None = None
    industry: str | None = None
    region: str | None = None
    root_account: str | None = None
    owner: str | None = None

    def registered(self, fact: CustomerRegistered) -> "MasterData":
        """Return the master data after a registration, which replaces all that it speaks of."""
        return msgspec.structs.replace(
            self,
            kind=fact.kind.value,
            tier=fact.tier,
            industry=fact.industry,
            region=fact.region,
        )

    def assigned(self, fact: AccountAssigned) -> "MasterData":
        """Return the master data after an assignment to an account."""
        return msgspec.structs.replace(self, root_account=fact.root_account, owner=fact.owner)

    def placement(self, customer_id: CustomerId) -> Placement:
        """Return where the customer stands; without an account it is its own."""
        return Placement(self.root_account or customer_id, self.owner, self.region, self.tier)
