"""What a customer consumes of each metered service."""

import msgspec

from domain.decay import DECAY_14, DECAY_91

SERVICES_KEPT = 6
"""A state holds so many services; a further one takes the place of the one longest unused."""


class ServiceUsage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Use of one service in one unit; decayed sums as of ``as_of``."""

    service: str
    unit: str
    first_day: int
    last_day: int
    days: int
    total: float
    as_of: int
    used_14: float
    used_91: float

    def with_usage(self, day: int, today: int, amount: float) -> "ServiceUsage":
        """Return the usage after ``amount`` of ``day`` arrives on ``today`` (>= day)."""
        kept, late = today - self.as_of, today - day
        return ServiceUsage(
            self.service,
            self.unit,
            min(day, self.first_day),
            max(day, self.last_day),
            self.days + (day > self.last_day),
            self.total + amount,
            today,
            self.used_14 * DECAY_14.factor(kept) + amount * DECAY_14.factor(late),
            self.used_91 * DECAY_91.factor(kept) + amount * DECAY_91.factor(late),
        )


class Consumption(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All services of one customer, and how many were left out for want of room."""

    services: tuple[ServiceUsage, ...] = ()
    left_out: int = 0

    def with_usage(
        self, service: str, unit: str, day: int, today: int, amount: float
    ) -> "Consumption":
        """Return the consumption after ``amount`` of a service on ``day`` arrives on ``today``."""
        for index, entry in enumerate(self.services):
            if entry.service == service and entry.unit == unit:
                changed = entry.with_usage(day, today, amount)
                others = self.services
                return Consumption((*others[:index], changed, *others[index + 1 :]), self.left_out)
        fresh = ServiceUsage(service, unit, day, day, 1, 0.0, today, 0.0, 0.0)
        entry = fresh.with_usage(day, today, amount)
        if len(self.services) < SERVICES_KEPT:
            return Consumption((*self.services, entry), self.left_out)
        longest_unused = min(self.services, key=lambda kept: (kept.last_day, kept.service))
        remaining = tuple(kept for kept in self.services if kept is not longest_unused)
        return Consumption((*remaining, entry), self.left_out + 1)
