"""How fresh a page is, and whether what makes it fresh still moves."""

import datetime
from enum import StrEnum

import msgspec

from events.calendar import date_of
from events.control import ClockMode
from infra.clock import Clock
from services.ops.place import Place, holder_of
from services.ops.reading import Reading

PATIENCE = 10_000_000
"""Microseconds after which profiles that are behind and do not move are taken to stand still."""


class Level(StrEnum):
    """How far what is shown may be trusted to be the newest."""

    FRESH = "fresh"
    CATCHING_UP = "catching-up"
    STALE = "stale"


class Standing(msgspec.Struct, frozen=True):
    """Where log and projection are. ``as_of`` is the day that all of it is folded up to.

    ``unopened`` counts the days that the calendar is ahead; ``halted`` says why profiles stand.
    """

    as_of: datetime.date | None
    position: int
    behind: int
    unopened: int
    halted: str | None


class Pulse(msgspec.Struct, frozen=True):
    """A standing, and how it is to be taken."""

    level: Level
    standing: Standing


class PulseWatch:
    """Remembers when the projection last moved: behind and moving is well, behind and still is not."""

    def __init__(self, wall: Clock) -> None:
        self._wall = wall
        self._position: int | None = None
        self._waits_since: int | None = None

    def judge(self, standing: Standing) -> Pulse:
        """Return how a standing is to be taken."""
        now, moved = self._wall.now(), standing.position != self._position
        self._position = standing.position
        if not standing.behind and not standing.unopened:
            self._waits_since = None
        elif moved or self._waits_since is None:
            self._waits_since = now
        if standing.halted is not None or standing.as_of is None:
            return Pulse(Level.STALE, standing)
        if self._waits_since is None:
            return Pulse(Level.FRESH, standing)
        moving = now - self._waits_since < PATIENCE
        return Pulse(Level.CATCHING_UP if moving else Level.STALE, standing)


def standing_of(reading: Reading, place: Place, wall: int) -> Standing:
    """Return where log and projection are; ``wall`` is the wall's time in microseconds."""
    days = [position.open_day for position in reading.positions]
    opened = [day for day in days if day is not None]
    whole = bool(days) and len(opened) == len(days)
    return Standing(
        as_of=date_of(min(opened)) if whole else None,
        position=sum(position.offset + 1 for position in reading.positions),
        behind=reading.records_behind,
        unopened=_unopened(reading, wall),
        halted=_halted(place),
    )


def _unopened(reading: Reading, wall: int) -> int:
    head = reading.head
    if head.clock_mode is not ClockMode.WALL or head.open_day is None:
        return 0
    return max(0, reading.calendar.day_of(wall) - head.open_day)


def _halted(place: Place) -> str | None:
    try:
        holder = holder_of(place)
    except PermissionError:
        return None
    return None if holder is None else holder.halted
