"""What a customer consumes of each metered service."""

import msgspec

from domain.decay import DECAY_14, DECAY_91

ROOM = 320
"""A state has so much room for services: for four with the longest names there are, six as a rule."""

SERVICE_TAKES = 40
"""A service takes so much of it, and 1 for each character of its code and unit: about its bytes."""


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
    """Services of one customer, and how many were left out for want of room.

    A service for which there is no room takes the place of those longest unused.
    """

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
        newcomer = fresh.with_usage(day, today, amount)
        kept = self.services
        while _room_taken((*kept, newcomer)) > ROOM:
            longest_unused = min(kept, key=lambda entry: (entry.last_day, entry.service))
            kept = tuple(entry for entry in kept if entry is not longest_unused)
        left_out = self.left_out + len(self.services) - len(kept)
        return Consumption((*kept, newcomer), left_out)


def _room_taken(services: tuple[ServiceUsage, ...]) -> int:
    return sum(SERVICE_TAKES + len(entry.service) + len(entry.unit) for entry in services)
