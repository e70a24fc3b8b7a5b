"""How fresh a page is, and whether what makes it fresh still moves."""

import datetime
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from events.calendar import BusinessCalendar, date_of
from events.control import ClockMode
from infra.clock import Clock
from infra.log.head import LogHead
from infra.state.port import Position
from services.ops.place import Place, holder_of

PATIENCE = 10_000_000
"""Microseconds after which profiles that are behind and do not move are taken to stand still."""


class Level(StrEnum):
    """How far what is shown may be trusted to be the newest."""

    FRESH = "fresh"
    CATCHING_UP = "catching-up"
    STALE = "stale"


class Standing(msgspec.Struct, frozen=True):
    """Where log and projection are. ``as_of`` is the day that all of it is folded up to.

    ``unopened`` counts the days that the calendar is ahead; ``halted`` says why profiles stand. Where
    servers are ``unreachable`` all of it is as it was when they answered last; with ``desk_stands`` tasks
    do not go on.
    """

    as_of: datetime.date | None
    position: int
    behind: int
    unopened: int
    halted: str | None
    unreachable: bool = False
    desk_stands: bool = False


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
        if standing.unreachable or standing.desk_stands:
            return Pulse(Level.STALE, standing)
        if self._waits_since is None:
            return Pulse(Level.FRESH, standing)
        moving = now - self._waits_since < PATIENCE
        return Pulse(Level.CATCHING_UP if moving else Level.STALE, standing)


def standing_of(head: LogHead, positions: Sequence[Position], behind: int, wall: int) -> Standing:
    """Return where log and projection are.

    ``positions`` are the projection's, ``behind`` counts the records that it has not folded, ``wall`` is
    the wall's time in microseconds.
    """
    opened = [position.open_day for position in positions if position.open_day is not None]
    whole = bool(positions) and len(opened) == len(positions)
    return Standing(
        as_of=date_of(min(opened)) if whole else None,
        position=sum(position.offset + 1 for position in positions),
        behind=behind,
        unopened=_unopened(head, wall),
        halted=None,
    )


def halted_in(place: Place) -> str | None:
    """Return why the process of a folder stands still."""
    try:
        holder = holder_of(place)
    except PermissionError:
        return None
    return None if holder is None else holder.halted


def _unopened(head: LogHead, wall: int) -> int:
    if head.clock_mode is not ClockMode.WALL or head.open_day is None:
        return 0
    return max(0, BusinessCalendar(head.identity.business_timezone).day_of(wall) - head.open_day)
