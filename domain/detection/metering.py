"""Dense metering: when is a day's total of a metered service, or its level, surprising?

With x a day's total and y = ln max(x, 5 % of the mean of the days with use), a service has a level m,
a part w of each weekday, and a spread s, all in natural logarithms:

    z = (y - m - w) / s

Each counted day moves m by 1/28, w by 1/16 and s by 1/56 of what z, clipped to ±2 (s: ±3), says; a
young service faster. After 56 counted days |z| > 5 is a blip, a day that lies off by itself. A shift
of the level adds up: a two-sided CUSUM (Page 1954, Biometrika 41) of z clipped to ±2, less 0.5 a
day, alarms above 9, which is six days of the clearest shift at the earliest; an outage of three days
comes up to 4.5. After an alarm m is based anew on the days that raised it. The clipping is that of
Huber (1964, Ann. Math. Stat. 35): one wild day moves a level no further than an unlikely one.
"""

import math
from enum import IntEnum
from typing import NamedTuple

DETECTOR = "metering-1"
FLOOR = 0.05
"""A total counts as at least this part of the mean of the days with use: a log needs a floor."""
MEAN_RATE = 1 / 91
MEAN_CLIP = 4.0
"""A day moves the mean of the days with use as if it were at most so many times as much."""
LEVEL_DAYS = 28
WEEKDAY_VISITS = 16
SPREAD_DAYS = 56
WARM_UP_DAYS = 56
UNCLIPPED_DAYS = 14
"""The spread is not known yet in the first two weeks: nothing is clipped by it."""
LEVEL_CLIP = 2.0
SPREAD_CLIP = 3.0
SPREAD_RANGE = (0.1, 8.0)
FIRST_SPREAD = 0.5
SPREAD_OF_DEVIATION = 1.2533
"""√(π/2): a normal spread over its mean absolute deviation."""
BLIP_BEYOND = 5.0
SHIFT_ALLOWANCE = 0.5
SHIFT_ABOVE = 8.0
RECENT_RATE = 0.2
BASED_ANEW_ON = 4
"""After an alarm m moves on as if it rested on so many days."""
BAND = 2.0
"""The expected band reaches so many spreads to either side."""
DEVIATION_LIMIT = 1000.0
LEAST_TOTAL = 1e-30
"""Below what any meter shows; it keeps the logarithm of a floor finite."""


class Surprise(IntEnum):
    """What can be surprising about consumption. The numbers stand in states."""

    DROP = 1
    SPIKE = 2
    SHIFT_DOWN = 3
    SHIFT_UP = 4


class Level(NamedTuple):
    """What is usual of one service. ``weekdays`` begins with Thursday, the day number 0.

    ``level``, ``spread``, ``weekdays`` and ``recent`` (the decayed mean of late residuals) are in
    natural logarithms, ``mean_used`` in the service's unit; ``up`` and ``down`` are the two CUSUMs
    in spreads. ``counted`` says how many days went in, ``based`` on how many the level rests.
    """

    level: float = 0.0
    mean_used: float = 0.0
    spread: float = FIRST_SPREAD
    weekdays: tuple[float, ...] = (0.0,) * 7
    up: float = 0.0
    down: float = 0.0
    recent: float = 0.0
    counted: int = 0
    based: int = 0


class Judged(NamedTuple):
    """What one day's total says. ``expected`` and ``spread`` in natural logarithms."""

    expected: float
    spread: float
    deviation: float
    up: float
    down: float
    blip: Surprise | None
    shift: Surprise | None


def judged(level: Level, day: int, total: float) -> Judged:
    """Judge a day's total by what was usual before it."""
    expected = level.level + level.weekdays[day % 7]
    residual = _measured(level, total) - expected
    deviation = max(-DEVIATION_LIMIT, min(residual / level.spread, DEVIATION_LIMIT))
    if level.counted < WARM_UP_DAYS:
        return Judged(expected, level.spread, deviation, 0.0, 0.0, None, None)
    clipped = _clipped(deviation, LEVEL_CLIP)
    up = max(0.0, level.up + clipped - SHIFT_ALLOWANCE)
    down = max(0.0, level.down - clipped - SHIFT_ALLOWANCE)
    return Judged(expected, level.spread, deviation, up, down, _blip(deviation), _shift(up, down))


def learned(level: Level, day: int, total: float, found: Judged) -> Level:
    """Return what is usual after a day's total that was judged so.

    A service begins with its first day of use; a zero before it says nothing.
    """
    if level.counted == 0:
        return level if total < LEAST_TOTAL else Level(math.log(total), total, counted=1, based=1)
    spread, weekday = level.spread, day % 7
    residual = found.deviation * spread
    clip = LEVEL_CLIP if level.counted >= UNCLIPPED_DAYS else DEVIATION_LIMIT
    pull = _clipped(found.deviation, clip) * spread
    visits = level.counted // 7
    turned = level.weekdays[weekday] + (pull / min(visits + 1, WEEKDAY_VISITS) if visits else 0.0)
    wide = SPREAD_OF_DEVIATION * min(abs(residual), SPREAD_CLIP * spread)
    least, most = SPREAD_RANGE
    moved = Level(
        level.level + pull / min(level.based + 1, LEVEL_DAYS),
        _mean_used(level, total),
        max(least, min(spread + (wide - spread) / min(level.counted + 1, SPREAD_DAYS), most)),
        (*level.weekdays[:weekday], turned, *level.weekdays[weekday + 1 :]),
        found.up,
        found.down,
        level.recent + (residual - level.recent) * RECENT_RATE,
        min(level.counted + 1, 255),
        min(level.based + 1, 255),
    )
    return moved if found.shift is None else _based_anew(moved)


def band(expected: float, spread: float) -> tuple[float, float, float]:
    """Return (low, middle, high) of what is to be expected, in the service's unit."""
    low, high = expected - BAND * spread, expected + BAND * spread
    return math.exp(low), math.exp(expected), math.exp(high)


def _based_anew(level: Level) -> Level:
    return level._replace(
        level=level.level + level.recent, up=0.0, down=0.0, recent=0.0, based=BASED_ANEW_ON
    )


def _measured(level: Level, total: float) -> float:
    return math.log(max(total, FLOOR * level.mean_used, LEAST_TOTAL)) if level.counted else 0.0


def _mean_used(level: Level, total: float) -> float:
    if total < LEAST_TOTAL:
        return level.mean_used
    rate = max(MEAN_RATE, 1 / (level.counted + 1))
    return level.mean_used + (min(total, MEAN_CLIP * level.mean_used) - level.mean_used) * rate


def _blip(deviation: float) -> Surprise | None:
    if abs(deviation) <= BLIP_BEYOND:
        return None
    return Surprise.SPIKE if deviation > 0 else Surprise.DROP


def _shift(up: float, down: float) -> Surprise | None:
    if max(up, down) <= SHIFT_ABOVE:
        return None
    return Surprise.SHIFT_UP if up > down else Surprise.SHIFT_DOWN


def _clipped(deviation: float, limit: float) -> float:
    return max(-limit, min(deviation, limit))
