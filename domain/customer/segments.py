"""placeholder until merged."""

from domain.customer.purchases import Purchases
from domain.decay import DECAY_182
from events.models import CutPoints
from events.signals import ValueSegment


def segment(
    stake: int, volume: float, cut_points: CutPoints | None, current: ValueSegment | None
) -> ValueSegment | None:
    """Placeholder."""
    if cut_points is None:
        return current
    return ValueSegment.HIGH if stake > cut_points.stake_high else ValueSegment.LOW


def volume(purchases: Purchases, today: int) -> float:
    """Placeholder."""
    first, _ = purchases.span()
    left = DECAY_182.factor(today - purchases.as_of)
    return purchases.days_182 * left / (DECAY_182.steady(today - first) + 28) * 91
