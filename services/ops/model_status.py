"""The model that a folder's projection scores by: which one, how much it has learned, how old it is."""

import datetime

import msgspec

from domain.detection.churn_recipe import HORIZON_DAYS
from events.calendar import date_of, day_number
from events.control import ModelDecided
from infra.state.port import Position
from services.ops.reading import Reading


class Refusal(msgspec.Struct, frozen=True):
    """A model that was learned for ``day`` and not taken; ``reason`` is a stable name."""

    day: datetime.date
    reason: str


class ModelStatus(msgspec.Struct, frozen=True):
    """The model in use on the open day. Ages are in days, as of the open day of the log.

    ``decided_for`` is the day that it was decided for, null for the start model. A label matures a
    horizon after its snapshot was taken; ``label_age`` counts from when the last one did. ``log_loss``
    is the live one, in nats. ``refused`` is the last decision, where that kept a model out.
    ``oldest_unclosed`` is the first day that is open and not folded to its end.
    """

    name: str
    decided_for: datetime.date | None
    age: int | None
    labels: int
    last_label_day: datetime.date | None
    label_age: int | None
    log_loss: float | None
    refused: Refusal | None
    oldest_unclosed: datetime.date | None


def model_status(reading: Reading) -> ModelStatus | None:
    """Return what the standing projection scores by; None where it does not learn, or has no day."""
    head = reading.head
    standing, today = head.projection(), head.open_day
    if standing is None or standing not in head.learners or today is None:
        return None
    decisions = head.decisions.get(standing, ())
    decided_for = _decided_for(decisions, today)
    in_use = reading.models.of(today)
    last_label = in_use.model.last_label_day
    matured = None if last_label is None else day_number(last_label) + HORIZON_DAYS
    return ModelStatus(
        name=in_use.version,
        decided_for=None if decided_for is None else date_of(decided_for),
        age=None if decided_for is None else today - decided_for,
        labels=in_use.model.labels,
        last_label_day=last_label,
        label_age=None if matured is None else max(0, today - matured),
        log_loss=in_use.model.log_loss,
        refused=_refused(decisions),
        oldest_unclosed=_oldest_unclosed(reading, today),
    )


def _decided_for(decisions: tuple[ModelDecided, ...], today: int) -> int | None:
    days = (day_number(entry.day) for entry in reversed(decisions) if entry.model is not None)
    return next((day for day in days if day <= today), None)


def _refused(decisions: tuple[ModelDecided, ...]) -> Refusal | None:
    last = decisions[-1] if decisions else None
    if last is None or last.refused is None:
        return None
    return Refusal(last.day, last.refused)


def _oldest_unclosed(reading: Reading, today: int) -> datetime.date | None:
    first = reading.head.first_day
    positions = reading.positions or (Position(),)
    unclosed = [_unclosed(position, first) for position in positions]
    oldest = min([day for day in unclosed if day is not None], default=None)
    return None if oldest is None or oldest > today else date_of(oldest)


def _unclosed(position: Position, first_day: int | None) -> int | None:
    """Return the first day that a partition has not folded to its end."""
    if position.open_day is None:
        return first_day
    under_way = position.last_customer is not None
    return position.open_day + (not under_way)
