"""The figures behind a signal: each detector has its own, told apart by ``kind``."""

import datetime
from enum import StrEnum

import msgspec

from events.values import ServiceCode, UnitCode


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which facts stand behind a reason: a fact type and a window of days, both ends included."""

    fact_type: str
    first_day: datetime.date
    last_day: datetime.date


class SilenceFigures(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="silence"
):
    """The figures behind "unusually quiet", in days; ``surprise`` is in nats of evidence."""

    days_since_order: int
    usual_gap: float
    gaps_seen: int
    regularity: float
    surprise: float
    threshold: float


class ConsumptionFigures(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="consumption"
):
    """The figures behind an anomaly of one metered service.

    ``total`` was used on ``day``, in ``unit``; between ``expected_low`` and ``expected_high`` was to
    be expected, ``expected`` in the middle. ``deviation`` is how many scales of the customer's own
    day-to-day spread the day lies off; ``evidence`` the accumulated one of a lasting shift, and
    ``threshold`` what the one that raised the signal has to pass.
    """

    service: ServiceCode
    unit: UnitCode
    day: datetime.date
    total: float
    expected: float
    expected_low: float
    expected_high: float
    deviation: float
    evidence: float
    threshold: float


class Band(StrEnum):
    """How likely a customer is to leave, where a percentage would promise too much."""

    LOW = "low"
    ELEVATED = "elevated"
    HIGH = "high"


class ReasonGroup(StrEnum):
    """What a part of a churn score is made of. A name here is stable for ever."""

    GAP = "gap"
    SPEND_TREND = "spend-trend"
    USAGE = "usage"
    COMPLAINTS = "complaints"
    RETURNS = "returns"
    CONTACTS = "contacts"


class GroupShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one group of inputs adds to the log-odds, or to their change."""

    group: ReasonGroup
    log_odds: float


class RawFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure as the customer's records have it: money in minor units, times in days."""

    figure: str
    value: float


class ScoreReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason of a score: what it adds to the log-odds, its raw figures, the facts behind them."""

    group: ReasonGroup
    log_odds: float
    figures: tuple[RawFigure, ...]
    evidence: Evidence


class ScoreChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the log-odds changed since the customer was last looked at in its weekly turn.

    ``before`` plus all ``parts`` plus ``model`` (what another model says of the same inputs) is the
    log-odds of now.
    """

    since: datetime.date
    before: float
    parts: tuple[GroupShare, ...]
    model: float


class ChurnFigures(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="churn"
):
    """How likely a customer is not to buy within the horizon, and why, by the model of the day.

    ``base`` plus all ``shares`` is ``log_odds``. ``probability`` is null until enough labels have
    matured to believe in percentages; ``reasons`` are the three groups that add most.
    """

    model: str
    horizon_days: int
    log_odds: float
    probability: float | None
    band: Band
    base: float
    shares: tuple[GroupShare, ...]
    reasons: tuple[ScoreReason, ...]
    change: ScoreChange | None


Figures = SilenceFigures | ConsumptionFigures | ChurnFigures
AnomalyFigures = SilenceFigures | ConsumptionFigures
