"""What is said of a customer's risk of leaving: figures on the card, raised, cleared, standing."""

from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.detection import churn
from domain.detection.churn_inputs import inputs_of
from domain.detection.churn_reasons import reasons
from domain.detection.churn_recipe import HORIZON_DAYS
from domain.detection.churn_score import Score, band, change, score, shares
from domain.learning.scoring import probability
from events.calendar import date_of
from events.figures import ChurnFigures
from events.profiles import StandingSignal
from events.signals import ClearedBecause, RiskCleared, RiskRaised, SignalReason, ValueSegment

SEGMENTS = tuple(ValueSegment)


def scored(scene: Scene, state: CustomerState) -> Score:
    """Return the score of a customer who has bought, as of today."""
    return score(scene.model, inputs_of(state, scene.today))


def shown(scene: Scene, state: CustomerState) -> ChurnFigures | None:
    """Return the score to be shown; None for who never bought, and while nothing is usual yet."""
    if state.purchases.first_day is None or not scene.model.is_taught:
        return None
    return figures(scene, state, scored(scene, state))


def figures(scene: Scene, state: CustomerState, scored: Score) -> ChurnFigures:
    """Return a score as people read it: why, from which facts, and what changed."""
    parts = shares(scored)
    certain = scene.model.says_percentages
    return ChurnFigures(
        model=scene.model.version,
        horizon_days=HORIZON_DAYS,
        log_odds=scored.log_odds,
        probability=probability(scored.log_odds) if certain else None,
        band=band(scored.log_odds),
        base=scene.model.model.scorer.intercept,
        shares=parts,
        reasons=reasons(parts, scored.inputs, state, scene.today),
        change=change(scored, state.churn.last_look, scene.today),
    )


def raised(scene: Scene, state: CustomerState, scored: Score) -> RiskRaised:
    """Return the signal of a risk that passed the upper threshold today."""
    return RiskRaised(
        scene.customer_id,
        date_of(scene.today),
        figures(scene, state, scored),
        churn.RAISE_AT,
        scene.stake(state),
        segment_of(state),
        scene.placement(state),
    )


def cleared(scene: Scene, state: CustomerState, scored: Score, raised_day: int) -> RiskCleared:
    """Return the signal that the risk which stood since ``raised_day`` does so no longer."""
    _, last_day = state.purchases.span()
    active = churn.is_active(last_day, scene.today)
    return RiskCleared(
        scene.customer_id,
        date_of(scene.today),
        date_of(raised_day),
        ClearedBecause.RECOVERED if active else ClearedBecause.GONE,
        figures(scene, state, scored),
        churn.CLEAR_BELOW,
        scene.placement(state),
    )


def standing(scene: Scene, state: CustomerState) -> StandingSignal | None:
    """Return the risk that stands, with its figures as of today."""
    raised_day = state.churn.raised_day
    if raised_day is None:
        return None
    now = figures(scene, state, scored(scene, state))
    return StandingSignal(SignalReason.CHURN_RISK, churn.DETECTOR, date_of(raised_day), now)


def segment_of(state: CustomerState) -> ValueSegment | None:
    """Return the value segment that a customer was put into in its last weekly turn."""
    return None if state.churn.segment is None else SEGMENTS[state.churn.segment]
