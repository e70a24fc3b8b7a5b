"""What is to be said of a customer: what began or ended between two of its states."""

from collections.abc import Iterator

import msgspec

from domain.customer import card, churn_signals, consumption_signals, quiet_signals
from domain.customer.anomalies import anomalies
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.detection.churn_score import Score


def said(
    scene: Scene, before: CustomerState, after: CustomerState, scored: Score | None
) -> Iterator[msgspec.Struct]:
    """Yield what is to be said of what began or ended between two states, and then the card."""
    if _nothing_changed(before, after):
        return  # as after nearly every fact
    signals = (
        *_of_silence(scene, before, after),
        *_of_risk(scene, before, after, scored),
        *_of_consumption(scene, before, after),
    )
    yield from signals
    if signals:
        yield card.card(scene, after)


def _nothing_changed(before: CustomerState, after: CustomerState) -> bool:
    """Tell at once whether no signal stood before or after that might have begun or ended."""
    used, uses = before.consumption, after.consumption
    return (
        before.churn.raised_day == after.churn.raised_day
        and before.silence.raised_day == after.silence.raised_day
        and (used is uses or not (used.has_anomaly() or uses.has_anomaly()))
    )


def _of_silence(
    scene: Scene, before: CustomerState, after: CustomerState
) -> Iterator[msgspec.Struct]:
    was, is_now = before.silence.raised_day, after.silence.raised_day
    if was is None and is_now is not None:
        yield quiet_signals.raised(scene, after)
    if was is not None and is_now is None:
        yield quiet_signals.cleared(scene, before, after, was)


def _of_risk(
    scene: Scene, before: CustomerState, after: CustomerState, scored: Score | None
) -> Iterator[msgspec.Struct]:
    was, is_now = before.churn.raised_day, after.churn.raised_day
    if scored is None or was == is_now:
        return
    if was is not None:
        yield churn_signals.cleared(scene, after, scored, was)
    if is_now is not None:
        yield churn_signals.raised(scene, after, scored)


def _of_consumption(
    scene: Scene, before: CustomerState, after: CustomerState
) -> Iterator[msgspec.Struct]:
    used, uses = before.consumption, after.consumption
    if used is uses or anomalies(used) == anomalies(uses):
        return
    about = consumption_signals.About(
        scene.customer_id,
        scene.today,
        scene.stake(after),
        scene.placement(after),
        churn_signals.shown(scene, after),
    )
    yield from consumption_signals.changes(about, used, uses)
