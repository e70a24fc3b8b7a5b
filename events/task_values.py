"""What task events are made of: who acts, what stands behind a task, what it is worth, how it ends."""

import datetime
from enum import StrEnum
from typing import Annotated, NewType

import msgspec

from events.figures import ChurnFigures, Figures
from events.values import CustomerId, Key, MinorUnits, Money, PartyCode

TaskId = NewType("TaskId", str)
"""Id of a task: a UUIDv5 of account, reason and episode in its 36-character text form."""

Time = Annotated[datetime.datetime, msgspec.Meta(tz=True)]
Probability = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class ActorRole(StrEnum):
    """As what somebody acts on a task."""

    MANAGER = "manager"
    LEAD = "lead"
    DESK = "desk"  # Holdfast itself


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who did something, and as what."""

    role: ActorRole
    code: PartyCode


class TaskStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which task an event is about, and which step of it: ``version`` counts from 1 without gaps."""

    task_id: TaskId
    account: Key
    version: Annotated[int, msgspec.Meta(ge=1)]
    at: Time
    actor: Actor


class ProbabilitySource(StrEnum):
    """Where a probability comes from."""

    MODEL = "model"  # the model says percentages
    LOG_ODDS = "log-odds"  # of a model that does not promise percentages yet
    POLICY = "policy"  # there is no score of the customer


class TaskEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal that stands behind a task, as it was when it was said.

    ``service`` tells apart what is said of two metered services of one customer. ``probability`` is
    how likely the customer is to leave: by its score of that moment where there is one, else by the
    task policy. The score is ``churn``, or ``figures`` where the signal is one of a churn risk.
    """

    customer_id: CustomerId
    day: datetime.date
    raised_on: datetime.date
    figures: Figures
    stake: Money
    probability: Probability
    source: ProbabilitySource
    service: str | None = None
    churn: ChurnFigures | None = None

    @property
    def score(self) -> ChurnFigures | None:
        """The score that the probability comes from; None where it is the task policy's."""
        return self.figures if isinstance(self.figures, ChurnFigures) else self.churn


class PriorityPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one customer adds: it may be lost with ``probability``, and ``stake`` with it."""

    customer_id: CustomerId
    probability: Probability
    source: ProbabilitySource
    stake: MinorUnits


class Priority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What working on a task is worth, in minor units of ``currency``.

    ``value`` is the sum over ``parts`` of probability · stake, times ``save_rate``, less ``cost``,
    rounded to whole minor units; it may be negative. ``rule`` names the entry of the task policy that
    save rate and cost come from.
    """

    value: int
    currency: str
    parts: tuple[PriorityPart, ...]
    save_rate: Probability
    cost: MinorUnits
    rule: str


class Route(StrEnum):
    """Why a task is offered to just this manager."""

    OWNER = "owner"
    BACKUP = "backup"
    LEAST_LOADED = "least-loaded"


class DeclineReason(StrEnum):
    """Why a manager does not take a task."""

    NO_TIME = "no-time"
    NOT_MINE = "not-mine"
    CONFLICT = "conflict"
    OTHER = "other"


class WakeOn(StrEnum):
    """What wakes a snoozed task before its date."""

    SCORE_UP = "score-up"
    NEW_COMPLAINT = "new-complaint"
    CUSTOMER_CONTACT = "customer-contact"


class WokenBy(StrEnum):
    """What woke a snoozed task."""

    DATE = "date"
    SCORE_UP = "score-up"
    NEW_COMPLAINT = "new-complaint"
    CUSTOMER_CONTACT = "customer-contact"
    BY_HAND = "by-hand"


class Outcome(StrEnum):
    """How a task ended. A name here is stable for ever."""

    SAVED_CONFIRMED = "saved-confirmed"
    SAVED_WITH_OFFER = "saved-with-offer"
    RECOVERED_UNTOUCHED = "recovered-untouched"
    FALSE_ALARM = "false-alarm"
    UNREACHABLE = "unreachable"
    LOST_TO_PRICE = "lost-to-price"
    LOST_TO_SERVICE = "lost-to-service"
    LOST_TO_COMPETITOR = "lost-to-competitor"
    LOST_TO_CLOSED_BUSINESS = "lost-to-closed-business"
    LOST_OBSERVED = "lost-observed"
    DECLINED_TO_SERVE = "declined-to-serve"
    MODEL_CHANGED = "model-changed"
    MOVED = "moved"


class SupportEnded(StrEnum):
    """Why a customer no longer stands behind a task."""

    RECOVERED = "recovered"
    GONE = "gone"
    MOVED = "moved"
    MODEL_CHANGED = "model-changed"
