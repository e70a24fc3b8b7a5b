"""Whom a rule speaks of, and what holds for everybody on that day."""

import msgspec

from domain.customer.stake import stake
from domain.customer.state import CustomerState
from domain.detection.day_model import DayModel
from events.signals import Placement
from events.values import CustomerId, Money


class Scene(msgspec.Struct, frozen=True):
    """A customer on an open day, scored by the model of that day, money in the log's currency."""

    customer_id: CustomerId
    today: int
    currency: str
    model: DayModel

    def placement(self, state: CustomerState) -> Placement:
        """Return where the customer stands in the firm."""
        return state.master.placement(self.customer_id)

    def stake(self, state: CustomerState) -> Money:
        """Return what is at stake with the customer."""
        return Money(stake(state.purchases, self.today), self.currency)
