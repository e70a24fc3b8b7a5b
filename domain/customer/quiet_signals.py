"""What is said when a customer's silence becomes surprising, and when it ends."""

from domain.customer import churn_signals
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.detection import silence
from events.calendar import date_of
from events.figures import Evidence
from events.profiles import StandingSignal
from events.signals import AnomalyCleared, AnomalyRaised, SignalReason

EVIDENCE = "crm.order.placed.v1"


def raised(scene: Scene, state: CustomerState) -> AnomalyRaised:
    """Return the signal of a silence that has become surprising today."""
    _, last_day = state.purchases.span()
    return AnomalyRaised(
        scene.customer_id,
        date_of(scene.today),
        SignalReason.UNUSUALLY_QUIET,
        silence.DETECTOR,
        silence.figures(state.purchases.gaps, scene.today - last_day),
        evidence(state),
        scene.stake(state),
        scene.placement(state),
        churn_signals.shown(scene, state),
    )


def cleared(
    scene: Scene, before: CustomerState, after: CustomerState, raised_day: int
) -> AnomalyCleared:
    """Return the signal that the silence which stood since ``raised_day`` is over."""
    (_, quiet_since), (_, ended_on) = before.purchases.span(), after.purchases.span()
    return AnomalyCleared(
        scene.customer_id,
        date_of(scene.today),
        SignalReason.UNUSUALLY_QUIET,
        silence.DETECTOR,
        date_of(raised_day),
        silence.figures(before.purchases.gaps, ended_on - quiet_since),
        scene.placement(after),
    )


def standing(scene: Scene, state: CustomerState) -> StandingSignal | None:
    """Return the silence that stands, with its figures as of today."""
    raised_day, last_day = state.silence.raised_day, state.purchases.last_day
    if raised_day is None or last_day is None:
        return None
    figures = silence.figures(state.purchases.gaps, scene.today - last_day)
    return StandingSignal(
        SignalReason.UNUSUALLY_QUIET, silence.DETECTOR, date_of(raised_day), figures
    )


def evidence(state: CustomerState) -> Evidence:
    """Return which facts stand behind a silence: the orders before it."""
    first_day, last_day = state.purchases.span()
    return Evidence(EVIDENCE, date_of(first_day), date_of(last_day))
