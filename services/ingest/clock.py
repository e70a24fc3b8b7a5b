"""The day: opened by the calendar on a wall clock, by command on a log clock."""

import datetime

from events.calendar import date_of, day_number
from events.control import ClockMode
from infra.clock import Clock
from infra.log.head import LogHead
from infra.log.port import EventLog
from infra.mendable import MendableError
from services.ingest.door import Door

EARLIEST_DAY = datetime.date(1900, 1, 1)
"""The door takes nothing of an earlier day, so no log begins there; and days never close."""

MANY_DAYS = 3660
"""More days than this, ten years, are opened at once only where that is said to be meant."""


class ClockRefusedError(MendableError):
    """The clock cannot be moved so; the message says why and what can be done."""


class DayClock:
    """Opens days in one log."""

    def __init__(self, log: EventLog, door: Door, wall: Clock) -> None:
        self._log = log
        self._calendar = door.calendar
        self._wall = wall

    async def follow_calendar(self) -> None:
        """Open the days that the calendar has begun, where the clock follows it."""
        head, today = self._head(), self._calendar.day_of(self._wall.now())
        if head.clock_mode is not ClockMode.WALL or head.suspended_by is not None:
            return
        if head.open_day is None or head.open_day < today:
            await self._log.advance(today)

    async def advance(self, to: datetime.date, *, many_days: bool = False) -> int:
        """Open every day up to ``to`` on a log clock; return how many that were.

        ``many_days`` says that more than `MANY_DAYS` are meant.

        Raises:
            ClockRefusedError: the clock follows the wall, or ``to`` cannot be opened.
            ImportUnderWayError: an import has the log.
        """
        head, day = self._head(), day_number(to)
        if head.clock_mode is ClockMode.WALL:
            raise ClockRefusedError(
                "this log's clock follows the wall; `holdfast clock set log` makes it stand still"
            )
        today = self._calendar.day_of(self._wall.now())
        if day > today:
            raise ClockRefusedError(f"{to} has not come; today is {date_of(today)}")
        if to < EARLIEST_DAY:
            raise ClockRefusedError(f"{to} lies before {EARLIEST_DAY}, the earliest first day")
        opened = _opened(head, day, many_days=many_days)
        await self._log.advance(day)
        return opened

    async def set_mode(self, mode: ClockMode, *, many_days: bool = False) -> None:
        """Make the clock follow the wall, opening the days since, or stand still.

        Raises:
            ClockRefusedError: more than `MANY_DAYS` would be opened, and ``many_days`` was not said.
            ImportUnderWayError: an import has the log.
        """
        head = self._head()
        if mode is ClockMode.WALL and head.open_day is not None:
            today = self._calendar.day_of(self._wall.now())
            _opened(head, max(today, head.open_day), many_days=many_days)
        await self._log.set_clock_mode(mode)
        await self.follow_calendar()

    def _head(self) -> LogHead:
        head = self._log.head
        if head is None:
            raise LookupError("this log was never created")
        return head


def _opened(head: LogHead, day: int, *, many_days: bool) -> int:
    """Return how many days would be opened. Raises `ClockRefusedError` where that cannot be."""
    if head.open_day is None:
        return 1
    opened = day - head.open_day
    if opened < 0:
        raise ClockRefusedError(f"day {date_of(head.open_day)} is open already; days never close")
    if opened > MANY_DAYS and not many_days:
        raise ClockRefusedError(
            f"that would open {opened} days, up to {date_of(day)}, and days never close;"
            " if so many are meant, give --many-days"
        )
    return opened
