"""Looking at the log for a page: one snapshot a question, in a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from infra.clock import Clock
from services.console.pulse import Pulse, PulseWatch, Standing, standing_of
from services.ops.place import Place
from services.ops.reading import Reading, open_reading

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Seen(NamedTuple, Generic[T_co]):
    """What a question found, how fresh that is, and the time zone of the business day."""

    found: T_co
    pulse: Pulse
    zone: ZoneInfo


class Looking:
    """Opens a snapshot of the log for each question; the event loop goes on meanwhile."""

    def __init__(self, place: Place, wall: Clock) -> None:
        self.place = place
        self.wall = wall
        self._watch = PulseWatch(wall)

    async def ask(self, query: Callable[[Reading], Awaitable[T]]) -> Seen[T]:
        """Return what a question finds.

        Raises a `MendableError` where the log or a server cannot be read, and what the query raises.
        """
        found, standing, zone = await asyncio.to_thread(lambda: asyncio.run(self._ask(query)))
        return Seen(found, self._watch.judge(standing), zone)

    async def pulse(self) -> Pulse:
        """Return how fresh everything is. Raises as `ask` does."""
        return (await self.ask(self.nothing)).pulse

    async def nothing(self, reading: Reading) -> None:
        """Ask for nothing but how fresh it is."""

    async def _ask(self, query: Callable[[Reading], Awaitable[T]]) -> tuple[T, Standing, ZoneInfo]:
        async with open_reading(self.place) as reading:
            standing = standing_of(reading, self.place, self.wall.now())
            zone = ZoneInfo(reading.head.identity.business_timezone)
            return await query(reading), standing, zone
