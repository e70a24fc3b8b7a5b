"""Superseded versions: their structs as they were published, and how each is lifted to the next.

Nothing writes them any more; a log may hold them for ever, so they are read for ever. They share
the nested structs that have not changed since; the lock of schemas/ tells when one does, and then
a copy of its old shape belongs here.
"""

import datetime

import msgspec

from events import silence_v1
from events.figures import AnomalyFigures, Evidence, Figures
from events.marks import DayOpened
from events.profiles import (
    ComplaintFigures,
    ContactFigures,
    CustomerCard,
    PurchaseFigures,
    ServiceFigures,
)
from events.signals import AnomalyCleared, AnomalyRaised, Placement, RiskStanding, SignalReason
from events.values import CustomerId, Money

NO_COMPLAINTS = ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None)
NO_CONTACTS = ContactFigures(0.0, 0.0, None, None)


class DayOpenedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A business day began, before there were scheduled feeds."""

    day: datetime.date


class AnomalyRaisedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A silence became surprising on ``day``."""

    customer_id: CustomerId
    day: datetime.date
    reason: silence_v1.SignalReason
    detector: str
    figures: silence_v1.SilenceFigures
    evidence: Evidence
    stake: Money
    placement: Placement


class AnomalyClearedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The silence that was surprising since ``raised_on`` is over."""

    customer_id: CustomerId
    day: datetime.date
    reason: silence_v1.SignalReason
    detector: str
    raised_on: datetime.date
    figures: silence_v1.SilenceFigures
    placement: Placement


class AnomalyRaisedV2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's buying or consumption became surprising, before signals carried its score."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    figures: AnomalyFigures
    evidence: Evidence
    stake: Money
    placement: Placement


class RiskStandingV2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal that stands when a projection goes live, before standings carried the score."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: Figures
    stake: Money
    placement: Placement


class RiskStandingV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A silence that stands when a projection goes live."""

    customer_id: CustomerId
    day: datetime.date
    reason: silence_v1.SignalReason
    detector: str
    raised_on: datetime.date
    figures: silence_v1.SilenceFigures
    stake: Money
    placement: Placement


class CustomerCardV2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The card before there were scores, segments and stages."""

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
    complaints: ComplaintFigures
    contacts: ContactFigures
    stake: Money
    signals: tuple[silence_v1.StandingSignal, ...]


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
    signals: tuple[silence_v1.StandingSignal, ...]


def card_v2_of(card: CustomerCardV1) -> CustomerCardV2:
    """Return a card of version 1 as one of version 2, without complaints and contacts."""
    added = {"complaints": NO_COMPLAINTS, "contacts": NO_CONTACTS}
    return msgspec.convert(_plain(card) | msgspec.to_builtins(added), CustomerCardV2)


def card_v3_of(card: CustomerCardV2) -> CustomerCard:
    """Return a card of version 2 as one of version 3, without score, segment and stage."""
    signals = [_of_silence(_plain(signal)) for signal in card.signals]
    added = {"signals": signals, "churn": None, "segment": None, "life_cycle": None}
    return msgspec.convert(_plain(card) | added, CustomerCard)


def day_opened_v2_of(opened: DayOpenedV1) -> DayOpened:
    """Return a day mark of version 1 as one of version 2, which closes no feed."""
    return DayOpened(opened.day)


def anomaly_raised_v2_of(raised: AnomalyRaisedV1) -> AnomalyRaisedV2:
    """Return a raised silence of version 1 as one of the anomalies of version 2."""
    return msgspec.convert(_of_silence(_plain(raised)), AnomalyRaisedV2)


def anomaly_raised_v3_of(raised: AnomalyRaisedV2) -> AnomalyRaised:
    """Return an anomaly of version 2 as one of version 3, without a score."""
    return msgspec.convert(_plain(raised), AnomalyRaised)


def anomaly_cleared_v2_of(cleared: AnomalyClearedV1) -> AnomalyCleared:
    """Return a cleared silence of version 1 as one of the anomalies of version 2."""
    return msgspec.convert(_of_silence(_plain(cleared)), AnomalyCleared)


def risk_standing_v2_of(standing: RiskStandingV1) -> RiskStandingV2:
    """Return a standing silence of version 1 as one of the standings of version 2."""
    return msgspec.convert(_of_silence(_plain(standing)), RiskStandingV2)


def risk_standing_v3_of(standing: RiskStandingV2) -> RiskStanding:
    """Return a standing of version 2 as one of version 3, without a score beside its figures."""
    return msgspec.convert(_plain(standing), RiskStanding)


def _plain(event: msgspec.Struct) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(event)
    return plain


def _of_silence(plain: dict[str, object]) -> dict[str, object]:
    """Say of the figures of a version 1 that they are those of a silence."""
    figures = plain["figures"]
    if not isinstance(figures, dict):
        raise TypeError("a silence of version 1 has figures")
    return plain | {"figures": {"kind": "silence", **figures}}
