"""Sparse buying: when does a customer's silence become surprising?

With m the mean gap, n = min(gaps seen, 9), and k the regularity 1 / CV² of the gaps, a silence of e
days carries the evidence

    n·k·ln(1 + e / (n·m)) - (k - 1)·ln(1 + k·e / m)      [nats]

A customer is "unusually quiet" above 4.38 (about 0.2 false alarms a customer-year), and no longer so
at or below 2.67. The day on which that happens is computed at the purchase, so nothing is polled.
It says nothing of having left: most who are flagged buy again.
"""

import math

import msgspec

from domain.detection.gaps import GapStatistics
from events.figures import SilenceFigures

DETECTOR = "silence-1"
LEAST_GAPS = 3
GAPS_COUNTED = 9
PSEUDO_GAPS = 4
TYPICAL_CV2 = 0.6
REGULARITY_RANGE = (0.8, 6.0)
RAISE_ABOVE = 4.38
CLEAR_AT = 2.67
COOL_DOWN_DAYS = 28
FURTHEST_DAYS = 3650


class SilenceWatch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When to look next, since when a signal stands, and when the last one was cleared."""

    due_day: int | None = None
    raised_day: int | None = None
    cleared_day: int | None = None


def regularity(gaps: GapStatistics) -> float:
    """Return k = 1 / CV², with CV² drawn towards 0.6 by four pseudo gaps, between 0.8 and 6."""
    counted = min(gaps.count, GAPS_COUNTED)
    cv2 = max(0.0, gaps.mean_square / (gaps.mean * gaps.mean) - 1.0)
    drawn = (counted * cv2 + PSEUDO_GAPS * TYPICAL_CV2) / (counted + PSEUDO_GAPS)
    least, most = REGULARITY_RANGE
    return min(max(1.0 / drawn, least), most)


def surprise(gaps: GapStatistics, silent_days: int) -> float:
    """Return the evidence of a silence in nats; 0 where fewer than three gaps were seen."""
    if gaps.count < LEAST_GAPS or silent_days <= 0:
        return 0.0
    return _surprise(min(gaps.count, GAPS_COUNTED), gaps.mean, regularity(gaps), silent_days)


def figures(gaps: GapStatistics, silent_days: int) -> SilenceFigures:
    """Return what to show of a silence."""
    return SilenceFigures(
        days_since_order=silent_days,
        usual_gap=gaps.mean,
        gaps_seen=gaps.count,
        regularity=regularity(gaps),
        surprise=surprise(gaps, silent_days),
        threshold=RAISE_ABOVE,
    )


def deadline(gaps: GapStatistics, last_day: int) -> int | None:
    """Return the first day on which silence since ``last_day`` is surprising.

    None where too few gaps were seen, or where it would take more than ten years. The evidence dips
    below 0 for short silences and rises ever after, so that one crossing is to be found.
    """
    if gaps.count < LEAST_GAPS:
        return None
    counted, mean, k = min(gaps.count, GAPS_COUNTED), gaps.mean, regularity(gaps)
    quiet, loud = 0, max(1, int(mean))
    while _surprise(counted, mean, k, loud) <= RAISE_ABOVE:
        quiet, loud = loud, loud * 2
        if quiet > FURTHEST_DAYS:
            return None
    while loud - quiet > 1:
        middle = (quiet + loud) // 2
        if _surprise(counted, mean, k, middle) > RAISE_ABOVE:
            loud = middle
        else:
            quiet = middle
    return last_day + loud if loud <= FURTHEST_DAYS else None


def after_purchase(
    watch: SilenceWatch, gaps: GapStatistics, last_day: int, today: int
) -> SilenceWatch:
    """Return the watch after a purchase: cleared if the silence is over, with a new day to look."""
    if watch.raised_day is not None and surprise(gaps, today - last_day) > CLEAR_AT:
        return watch
    cleared_day = today if watch.raised_day is not None else watch.cleared_day
    due = deadline(gaps, last_day)
    if due is not None:
        due = max(due, today + 1)
        if cleared_day is not None:
            due = max(due, cleared_day + COOL_DOWN_DAYS)
    return SilenceWatch(due, None, cleared_day)


def at_due_day(watch: SilenceWatch, today: int) -> SilenceWatch:
    """Return the watch on the day that it was waiting for: the silence stands."""
    return SilenceWatch(None, today, watch.cleared_day)


def _surprise(counted: int, mean: float, k: float, silent_days: int) -> float:
    ratio = silent_days / mean
    return counted * k * math.log1p(ratio / counted) - (k - 1.0) * math.log1p(k * ratio)
