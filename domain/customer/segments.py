"""Value segments: how much a customer matters among the firm's active ones.

By contribution, the stake over 91 days, and by volume, the purchase days to be expected in them:

* **high**: the stake lies above its upper cut point; or the volume does, and the stake above its
  middle one, so that many small orders alone make nobody important;
* **low**: neither lies above its middle cut point;
* **medium**: everybody else.

Cut points come with the model of the day. They move, and so do customers: one leaves its segment
only if it would do so as well with every cut point moved by 10 % in favour of staying.
"""

from domain.customer.purchases import Purchases
from domain.customer.stake import HORIZON_DAYS, PRIOR_DAYS
from domain.decay import DECAY_182
from events.models import CutPoints
from events.signals import ValueSegment

HYSTERESIS = 0.1
"""By this part a cut point has to be passed before a customer leaves its segment."""

_RISING = (ValueSegment.LOW, ValueSegment.MEDIUM, ValueSegment.HIGH)


def segment(
    stake: int, volume: float, cut_points: CutPoints | None, current: ValueSegment | None
) -> ValueSegment | None:
    """Return the segment of a customer, which is ``current`` where there are no cut points yet.

    ``stake`` in minor units and ``volume`` in purchase days, both over 91 days. A customer who moves
    goes to the nearest segment to its own that the cut points, moved to and fro, allow.
    """
    if cut_points is None:
        return current
    if current is None:
        return _RISING[_rank(stake, volume, cut_points, 1.0)]
    least = _rank(stake, volume, cut_points, 1.0 + HYSTERESIS)
    most = _rank(stake, volume, cut_points, 1.0 - HYSTERESIS)
    return _RISING[min(max(_RISING.index(current), least), most)]


def volume(purchases: Purchases, today: int) -> float:
    """Return the purchase days to be expected over 91 days: 0 for who never bought.

    The decayed purchase days, half-life 182 days, over the days observed, decayed likewise, and the
    days added to them as for the stake; times 91.
    """
    if purchases.first_day is None:
        return 0.0
    kept = purchases.days_182 * DECAY_182.factor(today - purchases.as_of)
    observed = DECAY_182.steady(today - purchases.first_day) + PRIOR_DAYS
    return kept / observed * HORIZON_DAYS


def _rank(stake: int, volume: float, cut_points: CutPoints, moved: float) -> int:
    """Return 0, 1 or 2 from low to high, with every cut point times ``moved``."""
    above_middle = stake > cut_points.stake_middle * moved
    often = volume > cut_points.volume_high * moved
    if stake > cut_points.stake_high * moved or (often and above_middle):
        return 2
    return 1 if above_middle or volume > cut_points.volume_middle * moved else 0
