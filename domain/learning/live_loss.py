"""The live log loss: of scores as they were given, once it is known what happened."""

from collections.abc import Sequence

import msgspec

HALF_LIFE_DAYS = 28
LEFT_AFTER_A_DAY = 2.0 ** (-1.0 / HALF_LIFE_DAYS)


class LiveLoss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum of losses in nats and how many they were, both decayed with a half-life of 28 days."""

    total: float = 0.0
    labels: float = 0.0

    def after_day(self, losses: Sequence[float]) -> "LiveLoss":
        """Return the same a day later, with that day's losses."""
        return LiveLoss(
            self.total * LEFT_AFTER_A_DAY + sum(losses),
            self.labels * LEFT_AFTER_A_DAY + len(losses),
        )

    def mean(self) -> float | None:
        """Return the mean loss; None before the first label."""
        return self.total / self.labels if self.labels > 0.0 else None
