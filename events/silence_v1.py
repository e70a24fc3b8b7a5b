"""Parts of superseded types, as they were while silence was the only detector.

They bear the names that they had then: a published schema names the parts that it consists of.
"""

import datetime
from enum import StrEnum

import msgspec


class SignalReason(StrEnum):
    """The only reason there was while silence was the only detector."""

    UNUSUALLY_QUIET = "unusually-quiet"


class SilenceFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The figures of a silence, before figures said of which kind they are."""

    days_since_order: int
    usual_gap: float
    gaps_seen: int
    regularity: float
    surprise: float
    threshold: float


class StandingSignal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A silence that stands on a card."""

    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: SilenceFigures
