"""Working hours: when an offer ends, when a task is due, and which tasks are due about as soon."""

import datetime
from zoneinfo import ZoneInfo

import msgspec

MINUTES_A_SLOT = 4 * 60
"""Tasks that are due within the same four working hours are ordered by their value."""

_FIRST_MONDAY = datetime.date(1970, 1, 5).toordinal()
_MINUTE = datetime.timedelta(minutes=1)


class WorkingTime(msgspec.Struct, frozen=True):
    """From ``opens`` to ``closes`` (minutes after midnight) on ``weekdays``, Monday being 0."""

    opens: int = 9 * 60
    closes: int = 17 * 60
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


class WorkingClock:
    """Counts working minutes in one time zone, from the first Monday of 1970."""

    def __init__(self, working: WorkingTime, timezone: str) -> None:
        self._working = working
        self._zone = ZoneInfo(timezone)
        self._day_minutes = working.closes - working.opens
        self._weekdays = tuple(sorted(set(working.weekdays)))

    def minutes(self, at: datetime.datetime) -> int:
        """Return how many whole working minutes have gone by at a moment."""
        local = at.astimezone(self._zone)
        weeks, weekday = divmod(local.toordinal() - _FIRST_MONDAY, 7)
        days = weeks * len(self._weekdays) + sum(day < weekday for day in self._weekdays)
        today = 0
        if weekday in self._weekdays:
            since = local.hour * 60 + local.minute - self._working.opens
            today = min(max(since, 0), self._day_minutes)
        return days * self._day_minutes + today

    def after(self, at: datetime.datetime, hours: float) -> datetime.datetime:
        """Return the moment, in UTC, when so many working hours have gone by; an end of a day stays one."""
        wanted = self.minutes(at) + round(hours * 60)
        day, minute = divmod(wanted - 1, self._day_minutes)
        weeks, place = divmod(day, len(self._weekdays))
        ordinal = _FIRST_MONDAY + weeks * 7 + self._weekdays[place]
        midnight = datetime.datetime.combine(
            datetime.date.fromordinal(ordinal), datetime.time(), tzinfo=self._zone
        )
        local = midnight + (self._working.opens + minute + 1) * _MINUTE
        return local.astimezone(datetime.UTC)

    def slot(self, at: datetime.datetime) -> int:
        """Return the number of the four working hours that a moment lies in; its end is still in it."""
        return max(self.minutes(at) - 1, 0) // MINUTES_A_SLOT
