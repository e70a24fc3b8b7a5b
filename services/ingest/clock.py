"""The day: opened by the calendar on a wall clock, by command on a log clock."""

import datetime

from events.calendar import date_of, day_number
from events.control import ClockMode
from infra.clock import Clock
from infra.log.head import LogHead
from infra.log.port import EventLog
from services.ingest.door import Door


class ClockRefusedError(Exception):
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

    async def advance(self, to: datetime.date) -> int:
        """Open every day up to ``to`` on a log clock; return how many that were.

        Raises:
            ClockRefusedError: the clock follows the wall, or ``to`` has not begun yet anywhere.
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
        opened = 0 if head.open_day is None else day - head.open_day
        if head.open_day is not None and opened < 0:
            raise ClockRefusedError(
                f"day {date_of(head.open_day)} is open already; days never close"
            )
        await self._log.advance(day)
        return max(opened, 0) if head.open_day is not None else 1

    async def set_mode(self, mode: ClockMode) -> None:
        """Make the clock follow the wall, opening the days since, or stand still."""
        await self._log.set_clock_mode(mode)
        await self.follow_calendar()

    def _head(self) -> LogHead:
        head = self._log.head
        if head is None:
            raise LookupError("this log was never created")
        return head
