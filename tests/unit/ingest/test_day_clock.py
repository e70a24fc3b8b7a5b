"""Which days may be opened by command: no future, no year 1, and no decades by a slip of the hand."""

import asyncio
import datetime

import pytest

from events.calendar import date_of, day_number
from events.control import ClockMode
from infra.log.memory import MemoryLog
from services.ingest.clock import MANY_DAYS, ClockRefusedError, DayClock
from services.ingest.door import Door
from tests.unit.ingest.door_given import LONDON, StandingClock

TODAY = datetime.date(2026, 3, 14)
WALL = StandingClock("2026-03-14T12:00:00+00:00")


class GivenLog:
    """A log in memory and its clock, for commands one after the other."""

    def __init__(self, first_day: datetime.date | None = None, mode: ClockMode = ClockMode.LOG):
        self.log = MemoryLog(1, WALL)
        asyncio.run(self.log.create(LONDON, mode))
        if first_day is not None:
            asyncio.run(self.log.advance(day_number(first_day)))
        self._clock = DayClock(self.log, Door(LONDON), WALL)

    def advance(self, to: datetime.date, *, many_days: bool = False) -> int:
        return asyncio.run(self._clock.advance(to, many_days=many_days))

    def set_mode(self, mode: ClockMode, *, many_days: bool = False) -> None:
        asyncio.run(self._clock.set_mode(mode, many_days=many_days))

    @property
    def open_day(self) -> datetime.date | None:
        assert self.log.head is not None
        return None if self.log.head.open_day is None else date_of(self.log.head.open_day)

    @property
    def mode(self) -> ClockMode:
        assert self.log.head is not None
        return self.log.head.clock_mode


@pytest.mark.parametrize("year", [1, 1582, 1899])
def test_no_log_begins_before_1900(year: int) -> None:
    given = GivenLog()

    with pytest.raises(ClockRefusedError, match="lies before 1900-01-01, the earliest first day"):
        given.advance(datetime.date(year, 1, 1), many_days=True)
    assert given.open_day is None


def test_a_log_may_begin_in_1900() -> None:
    given = GivenLog()

    assert given.advance(datetime.date(1900, 1, 1)) == 1
    assert given.open_day == datetime.date(1900, 1, 1)


def test_ten_years_are_opened_at_once() -> None:
    given = GivenLog(TODAY - datetime.timedelta(MANY_DAYS))

    assert given.advance(TODAY) == MANY_DAYS


def test_a_day_more_is_opened_only_where_it_is_meant() -> None:
    first = TODAY - datetime.timedelta(MANY_DAYS + 1)
    given = GivenLog(first)

    with pytest.raises(ClockRefusedError, match=r"would open 3661 days.*give --many-days"):
        given.advance(TODAY)
    assert given.open_day == first
    assert given.advance(TODAY, many_days=True) == MANY_DAYS + 1


def test_following_the_wall_over_decades_must_be_meant_too() -> None:
    given = GivenLog(datetime.date(2011, 12, 9))

    with pytest.raises(ClockRefusedError, match="give --many-days"):
        given.set_mode(ClockMode.WALL)
    assert (given.mode, given.open_day) == (ClockMode.LOG, datetime.date(2011, 12, 9))

    given.set_mode(ClockMode.WALL, many_days=True)
    assert (given.mode, given.open_day) == (ClockMode.WALL, TODAY)


def test_a_clock_may_stand_still_however_old_the_log_is() -> None:
    given = GivenLog(datetime.date(2011, 12, 9), ClockMode.WALL)

    given.set_mode(ClockMode.LOG)

    assert (given.mode, given.open_day) == (ClockMode.LOG, datetime.date(2011, 12, 9))


def test_a_clock_that_follows_the_wall_is_not_moved_by_hand() -> None:
    given = GivenLog(TODAY, ClockMode.WALL)

    with pytest.raises(ClockRefusedError, match="`holdfast clock set log` makes it stand still"):
        given.advance(TODAY)


def test_days_neither_close_nor_come_early() -> None:
    given = GivenLog(TODAY)

    with pytest.raises(ClockRefusedError, match="2026-03-14 is open already; days never close"):
        given.advance(TODAY - datetime.timedelta(1))
    with pytest.raises(ClockRefusedError, match="2026-03-15 has not come; today is 2026-03-14"):
        given.advance(TODAY + datetime.timedelta(1))
    assert given.advance(TODAY) == 0
