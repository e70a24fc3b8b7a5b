"""Signals: what the detectors say about a customer, each with its reasons in figures."""

import datetime
from enum import StrEnum

import msgspec

from events.values import CustomerId, Money


class SignalReason(StrEnum):
    """Why a signal stands. A name here is stable for ever."""

    UNUSUALLY_QUIET = "unusually-quiet"


class Placement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a customer stands in the firm. A customer without an account is its own."""

    account: str
    owner: str | None = None
    region: str | None = None
    tier: str | None = None


class SilenceFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The figures behind "unusually quiet", in days; ``surprise`` is in nats of evidence."""

    days_since_order: int
    usual_gap: float
    gaps_seen: int
    regularity: float
    surprise: float
    threshold: float


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which facts stand behind a reason: a fact type and a window of days, both ends included."""

    fact_type: str
    first_day: datetime.date
    last_day: datetime.date


class AnomalyRaised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's consumption became surprising on ``day``."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    figures: SilenceFigures
    evidence: Evidence
    stake: Money
    placement: Placement


class AnomalyCleared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was surprising since ``raised_on`` is so no longer."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: SilenceFigures
    placement: Placement


class RiskStanding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Said once for every raised (customer, reason) when a projection goes live."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: SilenceFigures
    stake: Money
    placement: Placement


class StandingEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All standings of this partition have been said; ``count`` of them."""

    partition: int
    count: int


class CustomerPlaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's account, owner, region or tier changed: open evidence moves along."""

    customer_id: CustomerId
    day: datetime.date
    placement: Placement
