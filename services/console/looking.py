"""Looking at the log for a page: one snapshot a question, in a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from infra.clock import Clock
from services.console.pulse import Pulse, PulseWatch, Standing, halted_in, standing_of
from services.ops.place import Place
from services.ops.reading import Reading, open_reading

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Seen(NamedTuple, Generic[T_co]):
    """What a question found, how fresh that is, and the time zone of the business day."""

    found: T_co
    pulse: Pulse
    zone: ZoneInfo


class Watcher(Protocol):
    """Knows how fresh everything is, since it looks all the time."""

    def seen(self) -> Seen[None]:
        """Return what it saw last."""
        ...


class Looking:
    """Opens a snapshot of the log for each question; the event loop goes on meanwhile.

    With a ``watcher`` that one tells how fresh everything is; else each snapshot does.
    """

    def __init__(self, place: Place, wall: Clock, watcher: Watcher | None = None) -> None:
        self.place = place
        self.wall = wall
        self._watcher = watcher
        self._judge = PulseWatch(wall)

    async def ask(self, query: Callable[[Reading], Awaitable[T]]) -> Seen[T]:
        """Return what a question finds.

        Raises a `MendableError` where the log or a server cannot be read, and what the query raises.
        """
        found, standing, zone = await asyncio.to_thread(lambda: asyncio.run(self._ask(query)))
        if self._watcher is not None:
            return Seen(found, self._watcher.seen().pulse, zone)
        return Seen(found, self._judge.judge(standing), zone)

    async def glance(self) -> Seen[None]:
        """Return how fresh everything is. Raises as `ask` does."""
        if self._watcher is not None:
            return self._watcher.seen()
        return await self.ask(_nothing)

    async def _ask(self, query: Callable[[Reading], Awaitable[T]]) -> tuple[T, Standing, ZoneInfo]:
        async with open_reading(self.place) as reading:
            behind, wall = reading.records_behind, self.wall.now()
            standing = msgspec.structs.replace(
                standing_of(reading.head, reading.positions, behind, wall),
                halted=halted_in(self.place),
            )
            zone = ZoneInfo(reading.head.identity.business_timezone)
            return await query(reading), standing, zone


async def _nothing(_reading: Reading) -> None:
    """Ask for nothing but how fresh it is."""
