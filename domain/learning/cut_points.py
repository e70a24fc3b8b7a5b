"""Where value segments part: quantiles over the active customers of the last weeks, kept in bins.

Bins are 5 % wide, so that a quantile is known to within 2.5 %, which is fine for telling high value
from middling. Counts decay with a half-life of 28 days: every customer is counted four times over
it, and who has left is forgotten.
"""

import math
from bisect import bisect_left, bisect_right
from itertools import accumulate

import msgspec

from events.models import CutPoints

BIN_RATIO = 1.05
HALF_LIFE_DAYS = 28
LEFT_AFTER_A_DAY = 2.0 ** (-1.0 / HALF_LIFE_DAYS)
LEAST_COUNT = 1e-6
"""Bins of less than a millionth of a customer are emptied, so that the state stays small."""
MIDDLE, HIGH = 0.5, 0.8


class HistogramState(msgspec.Struct, frozen=True, array_like=True):
    """The bins that are not empty, as (number, decayed count), in their order."""

    bins: tuple[tuple[int, float], ...] = ()


EMPTY = HistogramState()


class CutPointsState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The histograms of stake and volume."""

    stake: HistogramState = EMPTY
    volume: HistogramState = EMPTY


class DecayedHistogram:
    """Counts of values at or above 0, in bins whose widths are a fixed share of the value.

    Bin 0 holds what is below ``least``; bin n what is from ``least`` · 1.05^(n-1) to below
    ``least`` · 1.05^n; the last bin everything from ``most`` on.
    """

    def __init__(self, least: float, most: float, state: HistogramState = EMPTY) -> None:
        bins = math.ceil(math.log(most / least) / math.log(BIN_RATIO))
        self._edges = tuple(least * BIN_RATIO**number for number in range(bins + 1))
        self._counts = [0.0] * (bins + 2)
        for number, count in state.bins:
            self._counts[number] = count

    def add(self, value: float) -> None:
        """Count a value in. Raises ``ValueError`` for one below 0 and for NaN."""
        if not value >= 0.0:
            raise ValueError(f"{value} is no value at or above 0")
        self._counts[bisect_right(self._edges, value)] += 1.0

    def pass_day(self) -> None:
        """Let every count decay by a day."""
        aged = (count * LEFT_AFTER_A_DAY for count in self._counts)
        self._counts = [count if count >= LEAST_COUNT else 0.0 for count in aged]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is counted."""
        return not any(self._counts)

    def quantile(self, q: float) -> float:
        """Return the geometric middle of the bin that holds the quantile, for 0 < ``q`` <= 1.

        It is 0 for the bin of what is below the least. Raises ``ValueError`` where nothing is
        counted.
        """
        if self.is_empty:
            raise ValueError("nothing is counted, so there are no quantiles")
        reached = list(accumulate(self._counts))
        number = bisect_left(reached, q * reached[-1])
        return self._edges[number - 1] * BIN_RATIO**0.5 if number else 0.0

    def state(self) -> HistogramState:
        """Return the counts that are not 0."""
        return HistogramState(
            tuple((number, count) for number, count in enumerate(self._counts) if count > 0.0)
        )


NOTHING_COUNTED = CutPointsState()


class CutPointsKept:
    """The distribution of stake and volume over the active customers, snapshot by snapshot."""

    def __init__(self, state: CutPointsState = NOTHING_COUNTED) -> None:
        self._stake = DecayedHistogram(1.0, 1e13, state.stake)
        self._volume = DecayedHistogram(0.01, 1e5, state.volume)

    def add(self, stake: float, volume: float) -> None:
        """Count a snapshot in: stake in minor units, volume in purchase days over the horizon."""
        self._stake.add(stake)
        self._volume.add(volume)

    def pass_day(self) -> None:
        """Let a day pass, with or without snapshots."""
        self._stake.pass_day()
        self._volume.pass_day()

    def cut_points(self) -> CutPoints | None:
        """Return medians and upper fifths; None before the first snapshot."""
        if self._stake.is_empty or self._volume.is_empty:
            return None
        return CutPoints(
            stake_middle=self._stake.quantile(MIDDLE),
            stake_high=self._stake.quantile(HIGH),
            volume_middle=self._volume.quantile(MIDDLE),
            volume_high=self._volume.quantile(HIGH),
        )

    def state(self) -> CutPointsState:
        """Return all that is known, from which another goes on as if it had never stopped."""
        return CutPointsState(self._stake.state(), self._volume.state())
