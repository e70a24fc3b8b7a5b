"""Records of ``crm.profiles``: the customer card."""

import datetime
from enum import StrEnum

import msgspec

from events.figures import ChurnFigures, Figures
from events.interactions import Channel
from events.signals import Placement, SignalReason, ValueSegment
from events.values import CustomerId, Money


class PurchaseFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a customer buys. Money in minor units of the log's currency.

    ``last_amount`` is the total of ``last_day``. ``spent_91`` is decayed with a half-life of 91 days;
    ``usual_gap`` in days between purchase days.
    """

    first_day: datetime.date | None
    last_day: datetime.date | None
    purchase_days: int
    orders: int
    returns: int
    spent: int
    returned: int
    last_amount: int
    spent_91: float
    usual_gap: float | None


class ServiceFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a customer uses one service. ``per_day_91`` is the decayed mean a day, half-life 91 days."""

    service: str
    unit: str
    first_day: datetime.date
    last_day: datetime.date
    days: int
    total: float
    per_day_91: float


class UsualUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which totals, in ``unit``, a service's use of the card's day is to be expected."""

    service: str
    unit: str
    low: float
    expected: float
    high: float


class ComplaintFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a customer complains.

    ``open_since`` is the day since which the oldest open complaint is open, null where none is or
    where only those are that a state has no room for. ``opened``, ``resolved``, ``reopened`` and
    ``unsatisfied`` (resolutions) count from the beginning. ``complaints_91`` counts openings and
    reopenings decayed with a half-life of 91 days, ``severity_91`` the same by the weight of their
    severity. ``last_day`` is the last day of either.
    """

    open: int
    open_since: datetime.date | None
    opened: int
    resolved: int
    reopened: int
    unsatisfied: int
    complaints_91: float
    severity_91: float
    last_day: datetime.date | None


class ContactFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often customer and firm meet, counts decayed with a half-life of 91 days."""

    inbound_91: float
    outbound_91: float
    last_day: datetime.date | None
    last_channel: Channel | None


class StandingSignal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal that stands on a card: why, since when, in figures as of the card's day."""

    reason: SignalReason
    detector: str
    raised_on: datetime.date
    figures: Figures


class LifeStage(StrEnum):
    """Where a customer stands in its life with the firm."""

    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    DECLINING = "declining"
    DORMANT = "dormant"
    GONE = "gone"


class LifeCycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's stage and what it is told by.

    ``trend`` is the decayed spend a day of the last quarter over that of the last half-year, less 1.
    ``potential_high_value`` marks a small customer who is rising.
    """

    stage: LifeStage
    trend: float | None
    days_since_order: int
    potential_high_value: bool


class CustomerCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of a customer as of ``day``, folded from its own facts alone.

    ``churn``, ``segment`` and ``life_cycle`` are null for who never bought, and the first two while
    too little was seen to say what is usual. ``usual`` has an entry for each service that has a
    scheduled feed and is known for long enough.
    """

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
    signals: tuple[StandingSignal, ...]
    churn: ChurnFigures | None
    segment: ValueSegment | None
    life_cycle: LifeCycle | None
    usual: tuple[UsualUse, ...] = ()
