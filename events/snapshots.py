"""Records of ``crm.snapshots``: what learning learns from, and how far each partition is."""

import datetime

import msgspec

from events.signals import ValueSegment
from events.values import CustomerId


class SnapshotTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer in its weekly turn, as of the start of ``day``, and the score given on it.

    ``inputs`` stand in the order of the recipe that ``model``, the scoring one's name, was learned
    by. ``log_odds`` are those of not buying within the horizon. ``last_day`` is the last day of a
    purchase, ``active`` tells whether it lies within the horizon. ``stake`` in minor units and
    ``volume`` in purchase days are what is expected over the horizon; ``usual_gap`` in days is the mean one between purchase days, null after the first;
    ``purchase_days_182`` and ``spent_182`` are decayed with a half-life of 182 days.
    """

    customer_id: CustomerId
    day: datetime.date
    model: str
    inputs: tuple[float, ...]
    log_odds: float
    last_day: datetime.date
    active: bool
    usual_gap: float | None
    purchase_days_182: float
    spent_182: float
    stake: int
    volume: float
    segment: ValueSegment | None


class DayClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All due customers of this partition were stepped into ``day``; ``count`` of them."""

    partition: int
    day: datetime.date
    count: int
