"""What the page of a card shows: the card, the facts behind it, charts, how it came to be."""

from collections.abc import Sequence

import msgspec

from domain.learning.scoring import probability
from events.figures import ChurnFigures, ScoreReason
from events.profiles import StandingSignal
from infra.log.records import FactRecord
from services.console.charts.risk import risk_chart
from services.console.charts.shapes import Drawing
from services.console.charts.spend import spend_chart
from services.console.charts.usage import usage_chart
from services.console.risk_table import RiskTable, risk_table
from services.console.timeline import Moment, timeline
from services.console.words import Words
from services.ops.cards import CardView, SignalEvidence
from services.ops.customer_past import CustomerPast
from services.ops.fact_lines import FactLine, newest_lines
from services.ops.personal import Personal, personal_of
from services.ops.score_evidence import ReasonEvidence
from services.ops.spend_history import SpendPeriod, silences, spend_periods
from services.ops.usage_history import UsageHistory, usage_histories

ROWS_SHOWN = 100
SERVICES_DRAWN = 3
MOMENTS_SHOWN = 12
_TABS = {
    "transactions": ("crm.order.",),
    "contacts": ("crm.interaction.",),
    "complaints": ("crm.complaint.",),
}


class FactRows(msgspec.Struct, frozen=True):
    """The newest facts of some types, and how many there are in all."""

    number: int
    newest: tuple[FactLine, ...]


class RiskNow(msgspec.Struct, frozen=True):
    """The score, and by how much it moved since a look before: in points, else in log-odds."""

    figures: ChurnFigures
    since: int | None
    points: int | None
    log_odds: float | None


class SpendSheet(msgspec.Struct, frozen=True):
    """What was spent, drawn and in figures."""

    drawing: Drawing
    periods: tuple[SpendPeriod, ...]


class UsageSheet(msgspec.Struct, frozen=True):
    """What was used of a service, drawn and in figures."""

    drawing: Drawing
    history: UsageHistory


class CardSheet(msgspec.Struct, frozen=True):
    """Everything on the page of a card. ``moments_left`` counts those that are not shown."""

    view: CardView
    personal: Personal
    risk: RiskNow | None
    signals: tuple[tuple[StandingSignal, SignalEvidence | None], ...]
    reasons: tuple[tuple[ScoreReason, ReasonEvidence], ...]
    spend: SpendSheet | None
    usage: tuple[UsageSheet, ...]
    history: RiskTable | None
    history_drawing: Drawing | None
    moments: tuple[Moment, ...]
    moments_left: int
    rows: dict[str, FactRows]


def card_sheet(
    view: CardView, past: CustomerPast, words: Words, *, whole_timeline: bool
) -> CardSheet:
    """Return what to show of a card with its past."""
    churn, moments = view.card.churn, timeline(past, words)
    shown = moments if whole_timeline else moments[:MOMENTS_SHOWN]
    return CardSheet(
        view=view,
        personal=personal_of(past.facts),
        risk=None if churn is None else _risk(churn, past),
        signals=tuple(_with_evidence(view)),
        reasons=()
        if churn is None
        else tuple(zip(churn.reasons, view.score_evidence, strict=True)),
        spend=_spend(past, view.card.stake.currency, words),
        usage=tuple(
            UsageSheet(usage_chart(history, words), history)
            for history in usage_histories(past)[:SERVICES_DRAWN]
        ),
        history=risk_table(past.risk) if past.risk else None,
        history_drawing=risk_chart(past.risk, words) if past.risk else None,
        moments=tuple(shown),
        moments_left=len(moments) - len(shown),
        rows={tab: _rows(past.facts, kinds) for tab, kinds in _TABS.items()},
    )


def _risk(churn: ChurnFigures, past: CustomerPast) -> RiskNow:
    """Compare a score with that of the last weekly turn before today."""
    before = next((point for point in reversed(past.risk) if point.day < past.today), None)
    if before is None:
        return RiskNow(churn, None, None, None)
    points = None
    if churn.probability is not None:
        points = round(churn.probability * 100) - round(probability(before.log_odds) * 100)
    return RiskNow(churn, before.day, points, churn.log_odds - before.log_odds)


def _with_evidence(
    view: CardView,
) -> Sequence[tuple[StandingSignal, SignalEvidence | None]]:
    """Pair signals with the facts behind them; those of a risk of leaving stand with its reasons."""
    evidence = iter(view.evidence)
    return [
        (signal, None if isinstance(signal.figures, ChurnFigures) else next(evidence))
        for signal in view.card.signals
    ]


def _spend(past: CustomerPast, currency: str, words: Words) -> SpendSheet | None:
    periods = spend_periods(past)
    if not periods:
        return None
    return SpendSheet(spend_chart(periods, silences(past), currency, words), periods)


def _rows(facts: Sequence[FactRecord], kinds: tuple[str, ...]) -> FactRows:
    found = [fact for fact in facts if fact.type.startswith(kinds)]
    return FactRows(len(found), newest_lines(found, ROWS_SHOWN))
