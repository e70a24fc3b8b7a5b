"""A customer's weekly turn: a snapshot for learning, a score, a value segment, a look to keep.

Everybody who ever bought has one a week, for as long as the log goes on: whether somebody bought
within the horizon after a snapshot is told by the snapshot a horizon later.
"""

from typing import NamedTuple

import msgspec

from domain.customer.churn_signals import SEGMENTS, segment_of
from domain.customer.scene import Scene
from domain.customer.segments import segment, volume
from domain.customer.stake import stake
from domain.customer.state import CustomerState
from domain.decay import DECAY_182
from domain.detection import churn
from domain.detection.churn_score import Score
from events.calendar import date_of
from events.signals import ValueSegment
from events.snapshots import SnapshotTaken


class Turn(NamedTuple):
    """What a turn made of a customer, and what learning is told."""

    state: CustomerState
    snapshot: SnapshotTaken


def weekly_turn(scene: Scene, state: CustomerState, scored: Score) -> Turn:
    """Take the snapshot of a customer who has bought, as of the start of today."""
    at_stake = stake(state.purchases, scene.today)
    bought = volume(state.purchases, scene.today)
    placed = segment(at_stake, bought, scene.model.model.cut_points, segment_of(state))
    watch = msgspec.structs.replace(
        state.churn,
        due_day=churn.next_turn(scene.customer_id, scene.today),
        segment=None if placed is None else SEGMENTS.index(placed),
        last_look=churn.LastLook.of(scene.today, scored.log_odds, scored.inputs),
    )
    snapshot = _snapshot(scene, state, scored, at_stake, bought, placed)
    return Turn(msgspec.structs.replace(state, churn=watch), snapshot)


def _snapshot(
    scene: Scene,
    state: CustomerState,
    scored: Score,
    at_stake: int,
    bought: float,
    placed: ValueSegment | None,
) -> SnapshotTaken:
    purchases, today = state.purchases, scene.today
    left = DECAY_182.factor(today - purchases.as_of)
    first_day, last_day = purchases.span()
    repeats = purchases.days - 1
    return SnapshotTaken(
        customer_id=scene.customer_id,
        day=date_of(today),
        model=scene.model.version,
        inputs=scored.inputs,
        log_odds=scored.log_odds,
        last_day=date_of(last_day),
        active=churn.is_active(last_day, today),
        usual_gap=(last_day - first_day) / repeats if repeats else None,
        purchase_days_182=purchases.days_182 * left,
        spent_182=purchases.spent_182 * left,
        stake=at_stake,
        volume=bought,
        segment=placed,
    )
