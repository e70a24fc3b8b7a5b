"""What happened with a customer and what was said of it, newest first."""

from enum import StrEnum

import msgspec

from events.calendar import date_of
from events.figures import ChurnFigures, ConsumptionFigures, SilenceFigures
from events.profiles import StandingSignal
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    ClearedBecause,
    CustomerPlaced,
    RiskCleared,
    RiskRaised,
    SignalReason,
)
from infra.log.records import FactRecord
from services.console.words import Words
from services.ops.customer_past import CustomerPast
from services.ops.fact_lines import fact_line

_NOT_TOLD = ("crm.usage.",)
"""Metered use comes daily: its chart tells it."""


class Tone(StrEnum):
    """What sort of moment it is."""

    FACT = "fact"
    GRIEF = "grief"
    RAISED = "raised"
    CLEARED = "cleared"


class Moment(msgspec.Struct, frozen=True):
    """One line of a timeline: the day (since the epoch), and in words what happened."""

    day: int
    tone: Tone
    text: str
    detail: str


def timeline(past: CustomerPast, words: Words) -> list[Moment]:
    """Return facts and signals in one order; of a day, what was said comes above what happened."""
    facts = [
        (fact.day or 0, fact.offset, 0, _of_fact(fact, words))
        for fact in past.facts
        if not fact.type.startswith(_NOT_TOLD)
    ]
    said = [
        (output.day, output.offset, 1, moment)
        for output in past.said
        if (moment := _of_signal(output.day, output.event, words)) is not None
    ]
    ordered = sorted([*facts, *said], key=lambda entry: entry[:3], reverse=True)
    return [moment for *_, moment in ordered]


def _of_fact(fact: FactRecord, words: Words) -> Moment:
    line = fact_line(fact)
    detail = "" if line.money is None else words.money(line.money)
    grieves = line.type.startswith(("crm.complaint.opened", "crm.complaint.reopened"))
    return Moment(fact.day or 0, Tone.GRIEF if grieves else Tone.FACT, words.fact(line), detail)


def _of_signal(day: int, event: msgspec.Struct, words: Words) -> Moment | None:
    match event:
        case RiskRaised(figures=figures):
            return _raised(day, SignalReason.CHURN_RISK, figures, words)
        case AnomalyRaised(reason=reason, figures=figures):
            return _raised(day, reason, figures, words)
        case RiskCleared(because=because):
            text = words.say("over: {reason}", reason=words.reason(SignalReason.CHURN_RISK))
            return Moment(day, Tone.CLEARED, text, _because(because, words))
        case AnomalyCleared(reason=reason):
            text = words.say("over: {reason}", reason=words.reason(reason))
            return Moment(day, Tone.CLEARED, text, "")
        case CustomerPlaced(placement=placement):
            owner = placement.owner or words.say("nobody yet")
            return Moment(day, Tone.FACT, words.say("in the hands of {owner}", owner=owner), "")
        case _:
            return None


def _raised(
    day: int,
    reason: SignalReason,
    figures: SilenceFigures | ConsumptionFigures | ChurnFigures,
    words: Words,
) -> Moment:
    signal = StandingSignal(reason, "", date_of(day), figures)
    text = words.say("noticed: {reason}", reason=words.reason(reason))
    return Moment(day, Tone.RAISED, text, words.reason_sentence(signal))


def _because(because: ClearedBecause, words: Words) -> str:
    sentences = {
        ClearedBecause.RECOVERED: words.say("the score fell below the lower threshold"),
        ClearedBecause.GONE: words.say("no purchase for a whole horizon"),
    }
    return sentences[because]
