"""How many days lie between a customer's purchase days: exponentially weighted, in 40 bytes."""

import math

import msgspec

RATE = 0.2
"""Weight of the newest gap, once there are more than 1 / RATE of them."""

LOG_RATE = 0.3
"""Weight of the newest log1p(gap)."""


class GapStatistics(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Moments of the gaps between purchase days, in days."""

    count: int = 0
    mean: float = 0.0
    mean_square: float = 0.0
    mean_log: float = 0.0

    def with_gap(self, gap: int) -> "GapStatistics":
        """Return the statistics after one more gap of at least one day."""
        count = self.count + 1
        rate = max(RATE, 1.0 / count)
        log_rate = LOG_RATE if self.count else 1.0
        return GapStatistics(
            count,
            self.mean + rate * (gap - self.mean),
            self.mean_square + rate * (gap * gap - self.mean_square),
            self.mean_log + log_rate * (math.log1p(gap) - self.mean_log),
        )
