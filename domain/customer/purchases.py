"""What a customer buys and sends back: lifetime figures and sums decayed by whole days.

Half-lives and choice of sums follow the churn recipe: purchase days and returns over 182 days,
orders over 91, spend over 91 and 182.
"""

import msgspec

from domain.decay import DECAY_91, DECAY_182
from domain.detection.gaps import GapStatistics


class Purchases(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Purchases of one customer. Money in minor units; decayed sums as of ``as_of``.

    ``last_amount`` is the total of the last purchase day, so that it does not matter in which order
    the day's own orders arrive.
    """

    first_day: int | None = None
    last_day: int | None = None
    days: int = 0
    orders: int = 0
    returns: int = 0
    spent: int = 0
    returned: int = 0
    last_amount: int = 0
    as_of: int = 0
    days_182: float = 0.0
    orders_91: float = 0.0
    spent_91: float = 0.0
    spent_182: float = 0.0
    returned_182: float = 0.0
    returns_182: float = 0.0
    gaps: GapStatistics = GapStatistics()

    def span(self) -> tuple[int, int]:
        """Return the first and last purchase day. Raises ``ValueError`` for who never bought."""
        if self.first_day is None or self.last_day is None:
            raise ValueError("this customer never bought")
        return self.first_day, self.last_day

    def with_order(self, day: int, today: int, amount: int) -> "Purchases":
        """Return the purchases after an order of ``day`` that arrives on ``today`` (>= day).

        A day before the last purchase day adds to sums and counts, decayed by its lateness; it is
        no new purchase day and touches no gap.
        """
        aged, late_91, late_182 = self.decayed_to(today), today - day, today - day
        new_day = self.last_day is None or day > self.last_day
        gaps = self.gaps
        if new_day and self.last_day is not None:
            gaps = gaps.with_gap(day - self.last_day)
        return msgspec.structs.replace(
            aged,
            first_day=day if self.first_day is None else min(day, self.first_day),
            last_day=day if new_day else self.last_day,
            days=self.days + new_day,
            orders=self.orders + 1,
            spent=self.spent + amount,
            last_amount=self._last_amount(day, amount),
            days_182=aged.days_182 + new_day * DECAY_182.factor(late_182),
            orders_91=aged.orders_91 + DECAY_91.factor(late_91),
            spent_91=aged.spent_91 + amount * DECAY_91.factor(late_91),
            spent_182=aged.spent_182 + amount * DECAY_182.factor(late_182),
            gaps=gaps,
        )

    def with_return(self, day: int, today: int, amount: int) -> "Purchases":
        """Return the purchases after a return of ``day`` that arrives on ``today``."""
        aged, left = self.decayed_to(today), DECAY_182.factor(today - day)
        return msgspec.structs.replace(
            aged,
            returns=self.returns + 1,
            returned=self.returned + amount,
            returned_182=aged.returned_182 + amount * left,
            returns_182=aged.returns_182 + left,
        )

    def _last_amount(self, day: int, amount: int) -> int:
        """Return the total of what is then the last purchase day."""
        if self.last_day is None or day > self.last_day:
            return amount
        return self.last_amount + amount if day == self.last_day else self.last_amount

    def decayed_to(self, today: int) -> "Purchases":
        """Return the same purchases with their decayed sums as of ``today``."""
        if today == self.as_of:
            return self
        if self.orders + self.returns == 0:
            return msgspec.structs.replace(self, as_of=today)
        left_91 = DECAY_91.factor(today - self.as_of)
        left_182 = DECAY_182.factor(today - self.as_of)
        return msgspec.structs.replace(
            self,
            as_of=today,
            days_182=self.days_182 * left_182,
            orders_91=self.orders_91 * left_91,
            spent_91=self.spent_91 * left_91,
            spent_182=self.spent_182 * left_182,
            returned_182=self.returned_182 * left_182,
            returns_182=self.returns_182 * left_182,
        )
