"""Signals: what the detectors say about a customer, each with its reasons in figures."""

import datetime
from enum import StrEnum

import msgspec

from events.figures import AnomalyFigures, ChurnFigures, Evidence, Figures
from events.values import CustomerId, Money


class SignalReason(StrEnum):
    """Why a signal stands. A name here is stable for ever."""

    UNUSUALLY_QUIET = "unusually-quiet"
    CHURN_RISK = "churn-risk"
    CONSUMPTION_DROP = "consumption-drop"
    CONSUMPTION_SPIKE = "consumption-spike"
    CONSUMPTION_SHIFT_DOWN = "consumption-shift-down"
    CONSUMPTION_SHIFT_UP = "consumption-shift-up"


class ValueSegment(StrEnum):
    """How much a customer matters, by contribution and volume, among the firm's active ones."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ClearedBecause(StrEnum):
    """Why a churn risk no longer stands."""

    RECOVERED = "recovered"  # the score fell below the lower threshold
    GONE = "gone"  # no purchase for a whole horizon: what was feared has happened


class Placement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a customer stands in the firm. A customer without an account is its own."""

    account: str
    owner: str | None = None
    region: str | None = None
    tier: str | None = None


class AnomalyRaised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's buying or consumption became surprising on ``day``.

    ``figures`` say how surprising it is; ``churn`` how likely the customer is to leave, by the model of
    the day, or null where there is no score: it never bought, or nothing is usual yet.
    """

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    figures: AnomalyFigures
    evidence: Evidence
    stake: Money
    placement: Placement
    churn: ChurnFigures | None = None


class AnomalyCleared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was surprising since ``raised_on`` is so no longer."""

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: AnomalyFigures
    placement: Placement


class RiskRaised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's risk of leaving passed the upper threshold (log-odds) on ``day``."""

    customer_id: CustomerId
    day: datetime.date
    figures: ChurnFigures
    threshold: float
    stake: Money
    segment: ValueSegment | None
    placement: Placement


class RiskCleared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The risk that stood since ``raised_on`` does so no longer."""

    customer_id: CustomerId
    day: datetime.date
    raised_on: datetime.date
    because: ClearedBecause
    figures: ChurnFigures
    threshold: float
    placement: Placement


class RiskStanding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Said once for every raised (customer, reason) when a projection goes live.

    ``churn`` is as in `AnomalyRaised`, and null for a churn risk, whose ``figures`` it would be.
    """

    customer_id: CustomerId
    day: datetime.date
    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: Figures
    stake: Money
    placement: Placement
    churn: ChurnFigures | None = None


class StandingEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All standings of this partition have been said; ``count`` of them."""

    partition: int
    count: int


class CustomerPlaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's account, owner, region or tier changed: open evidence moves along."""

    customer_id: CustomerId
    day: datetime.date
    placement: Placement
