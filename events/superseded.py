"""Superseded versions: their structs as they were published, and how each is lifted to the next.

Nothing writes them any more; a log may hold them for ever, so they are read for ever. They share
the nested structs that have not changed since; the lock of schemas/ tells when one does, and then
a copy of its old shape belongs here.
"""

import datetime

import msgspec

from events.profiles import (
    ComplaintFigures,
    ContactFigures,
    CustomerCard,
    PurchaseFigures,
    ServiceFigures,
    StandingSignal,
)
from events.signals import Placement
from events.values import CustomerId, Money

NO_COMPLAINTS = ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None)
NO_CONTACTS = ContactFigures(0.0, 0.0, None, None)


class CustomerCardV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The card before complaints and contacts were known."""

    customer_id: CustomerId
    day: datetime.date
    kind: str | None
    industry: str | None
    placement: Placement
    facts: int
    late_facts: int
    purchases: PurchaseFigures
    services: tuple[ServiceFigures, ...]
    services_left_out: int
    stake: Money
    signals: tuple[StandingSignal, ...]


def card_v2_of(card: CustomerCardV1) -> CustomerCard:
    """Return a card of version 1 as one of version 2, without complaints and contacts."""
    return CustomerCard(
        customer_id=card.customer_id,
        day=card.day,
        kind=card.kind,
        industry=card.industry,
        placement=card.placement,
        facts=card.facts,
        late_facts=card.late_facts,
        purchases=card.purchases,
        services=card.services,
        services_left_out=card.services_left_out,
        complaints=NO_COMPLAINTS,
        contacts=NO_CONTACTS,
        stake=card.stake,
        signals=card.signals,
    )
