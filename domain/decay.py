"""Exponential decay in whole days, from tables, so that a replay gives the same bits.

A decayed sum with half-life h, as of day d, is the sum of x · 2^(-(d - day of x) / h).
"""

TABLE_DAYS = 4096
"""Beyond this many days (eleven years) a half-life of 182 days leaves 2e-7: nothing is kept."""


class Decay:
    """The factors of one half-life.

    >>> Decay(14).factor(14)
    0.5
    """

    def __init__(self, half_life_days: int) -> None:
        self.half_life_days = half_life_days
        self._factors: tuple[float, ...] = tuple(
            2.0 ** (-days / half_life_days) for days in range(TABLE_DAYS)
        )
        self._whole = half_life_days / 0.6931471805599453

    def factor(self, days: int) -> float:
        """Return what is left of 1 after so many days, 0 beyond the table.

        Raises ``ValueError`` for days to come: a decayed sum never runs backwards.
        """
        if 0 <= days < TABLE_DAYS:
            return self._factors[days]
        if days < 0:
            raise ValueError(f"{days} days have not passed yet")
        return 0.0

    def added(self, total: float, as_of: int | None, amount: float, day: int) -> float:
        """Return a decayed sum after an amount of ``day``, as of the later of the two days.

        ``as_of`` is None for a sum that nothing was added to yet. Late amounts come decayed.

        >>> Decay(14).added(1.0, 100, 1.0, 114), Decay(14).added(1.0, 114, 1.0, 100)
        (1.5, 1.5)
        """
        if as_of is None:
            return amount
        if day >= as_of:
            return total * self.factor(day - as_of) + amount
        return total + amount * self.factor(as_of - day)

    def steady(self, days: int) -> float:
        """Return the decayed sum of one a day over the last ``days`` days, integrated.

        (1 - 2^(-days/h)) · h / ln 2; divides a decayed sum into a mean a day.
        """
        return (1.0 - self.factor(days)) * self._whole


DECAY_14 = Decay(14)
DECAY_91 = Decay(91)
DECAY_182 = Decay(182)
