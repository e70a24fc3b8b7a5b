"""What stands of one metered service: raised once, replaced by what is worth more, over in time.

One anomaly of a service stands at a time. A blip stands until the next ordinary day closes; where it
goes on, it turns out to be a shift, which takes its place. A shift stands until consumption shifts
back into the band that was expected before it, or for 28 days: by then it is the new normal.
"""

from typing import NamedTuple

from domain.detection import metering
from domain.detection.metering import Judged, Level, Surprise

HELD_AFTER_DAYS = 28
"""A shift that has lasted so long is the new normal; a blip is forgotten where no day follows."""

REPORTED = frozenset(Surprise)
"""Which surprises are raised as signals. What is usual is learned from all of them."""

SHIFTS = frozenset({Surprise.SHIFT_DOWN, Surprise.SHIFT_UP})


class Anomaly(NamedTuple):
    """What was surprising of the total of ``day``, and the day that was open when it was raised.

    ``expected`` and ``spread`` are in natural logarithms, ``evidence`` is the CUSUM in spreads.
    """

    surprise: Surprise
    day: int
    raised_day: int
    total: float
    expected: float
    spread: float
    deviation: float
    evidence: float


def noticed(found: Judged, day: int, today: int, total: float) -> Anomaly | None:
    """Return what is surprising about a day that closes at the opening of ``today``."""
    surprise = found.shift or found.blip
    if surprise is None:
        return None
    evidence = max(found.up, found.down)
    figures = (total, found.expected, found.spread, found.deviation, evidence)
    return Anomaly(surprise, day, today, *figures)


def after_day(
    standing: Anomaly | None, fresh: Anomaly | None, level: Level, day: int
) -> Anomaly | None:
    """Return what stands after a counted day in which ``fresh`` was noticed.

    ``level`` is what is usual from here on: after a shift, the new level.
    """
    standing = after_missing_day(standing, day)
    chosen = fresh
    if standing is not None and standing.surprise in SHIFTS:
        turned = fresh is not None and fresh.surprise in SHIFTS - {standing.surprise}
        chosen = standing if not turned else (None if _is_back(standing, level) else fresh)
    elif standing is not None and fresh is not None and fresh.surprise is standing.surprise:
        chosen = standing
    return chosen if chosen is not None and chosen.surprise in REPORTED else None


def after_missing_day(standing: Anomaly | None, day: int) -> Anomaly | None:
    """Return what stands after a day that does not count: it grows old all the same."""
    old = standing is not None and day - standing.day >= HELD_AFTER_DAYS
    return None if old else standing


def _is_back(shift: Anomaly, level: Level) -> bool:
    """Tell whether the level lies in the band that was expected before a shift."""
    before = shift.expected - level.weekdays[shift.day % 7]
    return abs(level.level - before) <= metering.BAND * shift.spread
