"""What a customer consumes of each metered service."""

import msgspec

from domain.decay import DECAY_14, DECAY_91
from domain.detection import metered_watch

SERVICE_TAKES = 42
"""A service takes at most so many bytes, and one for each character of its code and unit."""


class ServiceUsage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Use of one service in one unit; decayed sums as of the last day of use.

    ``watch`` is that of `metered_watch`: of its totals since the last mark, or for as long as the
    service has a scheduled feed; empty where there is none.
    """

    service: str
    unit: str
    first_day: int
    last_day: int
    days: int
    total: float
    used_14: float
    used_91: float
    watch: bytes = b""

    def with_usage(self, day: int, today: int, amount: float, *, asks: bool) -> "ServiceUsage":
        """Return the usage after ``amount`` of ``day`` arrives on ``today`` (>= day).

        Where there is no watch it begins one if it ``asks`` for a feed.
        """
        watch = self.watch or (metered_watch.begun(day, today) if asks else b"")
        return ServiceUsage(
            self.service,
            self.unit,
            min(day, self.first_day),
            max(day, self.last_day),
            self.days + (day > self.last_day),
            self.total + amount,
            DECAY_14.added(self.used_14, self.last_day, amount, day),
            DECAY_91.added(self.used_91, self.last_day, amount, day),
            metered_watch.with_amount(watch, day, amount) if watch else watch,
        )

    def takes(self) -> int:
        """Return the most bytes that the service needs until it is next asked."""
        names = len(self.service) + len(self.unit)
        return SERVICE_TAKES + names + (metered_watch.takes(self.watch) if self.watch else 0)


class Consumption(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Services of one customer, how many were left out for want of room, and when to look next.

    It is looked at on the day after a use, to see whether the service has a feed, and on every day
    while it has one. Where one had none, known services without a watch wait until ``ask_from``.
    """

    services: tuple[ServiceUsage, ...] = ()
    left_out: int = 0
    due_day: int | None = None
    ask_from: int = 0

    def has_anomaly(self) -> bool:
        """Tell whether an anomaly of any service stands."""
        return any(entry.watch and metered_watch.stands(entry.watch) for entry in self.services)

    def with_usage(
        self, service: str, unit: str, day: int, today: int, amount: float
    ) -> "Consumption":
        """Return the consumption after ``amount`` of a service on ``day`` arrives on ``today``."""
        for index, entry in enumerate(self.services):
            if entry.service == service and entry.unit == unit:
                changed = entry.with_usage(day, today, amount, asks=today >= self.ask_from)
                services = (*self.services[:index], changed, *self.services[index + 1 :])
                break
        else:
            fresh = ServiceUsage(service, unit, day, day, 1, 0.0, 0.0, 0.0)
            changed = fresh.with_usage(day, today, amount, asks=True)
            services = (*self.services, changed)
        due_day = today + 1 if changed.watch else self.due_day
        return Consumption(services, self.left_out, due_day, self.ask_from)

    def within(self, room: int, used: tuple[str, str] | None = None) -> "Consumption":
        """Return what there is room for, in bytes: the longest unused services are left out first.

        The (service, unit) ``used`` just now stays.
        """
        kept = self.services
        while sum([entry.takes() for entry in kept]) > room:
            others = [entry for entry in kept if (entry.service, entry.unit) != used]
            if not others:
                break
            unused = min(others, key=lambda entry: (entry.last_day, entry.service, entry.unit))
            kept = tuple(entry for entry in kept if entry is not unused)
        left_out = self.left_out + len(self.services) - len(kept)
        if left_out == self.left_out:
            return self
        return Consumption(kept, left_out, self.due_day, self.ask_from)
