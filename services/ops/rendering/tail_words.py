"""What a record of signals, snapshots or models says, in one sentence; the others speak for themselves."""

import msgspec

from events.catalogue import REGISTRY
from events.control import ModelDecided, ProjectionCreated
from events.profiles import StandingSignal
from events.registry import UnknownEventTypeError
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    ClearedBecause,
    RiskCleared,
    RiskRaised,
    RiskStanding,
)
from events.snapshots import DayClosed, SnapshotTaken
from infra.messages.catalogue import Catalogue
from services.ops.rendering.figure_words import signed
from services.ops.rendering.life_wording import segment_words
from services.ops.rendering.model_words import model_decided_words, projection_words
from services.ops.rendering.score_wording import churn_sentence
from services.ops.rendering.wording import reason_name, reason_sentence


def record_words(type_name: str, data: bytes, catalogue: Catalogue) -> str | None:
    """Return what a record says; None where its data tell it as well, or cannot be read."""
    try:
        event = REGISTRY.decode(type_name, data)
    except (UnknownEventTypeError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return _of_signal(event, catalogue) or _of_learning(event, catalogue)


def _of_signal(event: msgspec.Struct, catalogue: Catalogue) -> str | None:
    match event:
        case RiskRaised(figures=figures, stake=stake):
            said = churn_sentence(figures, catalogue)
            return catalogue.say("{said}; {money} at stake", said=said, money=stake)
        case AnomalyRaised(day=day, stake=stake) | RiskStanding(raised_on=day, stake=stake):
            signal = StandingSignal(event.reason, event.detector, day, event.figures)
            said = reason_sentence(signal, catalogue)
            return catalogue.say("{said}; {money} at stake", said=said, money=stake)
        case AnomalyCleared(reason=reason, raised_on=day):
            name = reason_name(reason, catalogue)
            return catalogue.say("no longer {reason}, as since {day}", reason=name, day=day)
        case RiskCleared(raised_on=day, because=ClearedBecause.RECOVERED):
            return catalogue.say("no longer likely to leave, as since {day}: recovered", day=day)
        case RiskCleared(raised_on=day, figures=figures):
            return catalogue.say(
                "gone, as was feared since {day}: no order for {days} days",
                day=day,
                days=figures.horizon_days,
            )
        case _:
            return None


def _of_learning(event: msgspec.Struct, catalogue: Catalogue) -> str | None:
    match event:
        case SnapshotTaken():
            return _snapshot(event, catalogue)
        case DayClosed(day=day, count=count):
            return catalogue.say_plural(
                "{day} is done: {number} customer was looked at",
                "{day} is done: {number} customers were looked at",
                count,
                day=day,
            )
        case ProjectionCreated():
            return projection_words(event, catalogue)
        case ModelDecided():
            return model_decided_words(event, catalogue)
        case _:
            return None


def _snapshot(taken: SnapshotTaken, catalogue: Catalogue) -> str:
    said = catalogue.say(
        "scored {log_odds} by model {model}, last order {day}",
        log_odds=signed(taken.log_odds, catalogue),
        model=taken.model,
        day=taken.last_day,
    )
    parts = [said]
    if taken.segment is not None:
        parts.append(segment_words(taken.segment, catalogue))
    if not taken.active:
        parts.append(catalogue.say("no longer active"))
    return catalogue.joined(parts)
