"""How fresh everything is in Kafka mode, looked at every second: what the brokers have, what is folded."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
import structlog

from infra.clock import Clock
from infra.log.head import LogHead
from infra.mendable import MendableError
from infra.state.port import Position
from services.console.looking import Seen
from services.console.pulse import PulseWatch, Standing, standing_of

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_ANSWER = 5.0

NOWHERE = Standing(None, 0, 0, 0, None, unreachable=True)

logger = structlog.get_logger()


class Sights(Protocol):
    """What there is to look at."""

    def head(self) -> LogHead:
        """Return where the log stands."""
        ...

    async def positions(self, head: LogHead) -> Sequence[Position]:
        """Return where the projection stands in each partition; nothing where there is none."""
        ...

    async def ends(self, folded: Sequence[int]) -> Sequence[int]:
        """Return the offset of the last record of each partition."""
        ...


class ClusterWatcher:
    """`Watcher`. Where a server does not answer, what was seen last stays, and is called stale."""

    def __init__(self, sights: Sights, wall: Clock, desk_stands: Callable[[], bool]) -> None:
        self._sights = sights
        self._desk_stands = desk_stands
        self._wall = wall
        self._judge = PulseWatch(wall)
        self._standing = NOWHERE
        zone = ZoneInfo(sights.head().identity.business_timezone)
        self._seen = Seen(None, self._judge.judge(NOWHERE), zone)

    def seen(self) -> Seen[None]:
        """Return what was seen last."""
        return self._seen

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    async def look(self) -> None:
        """Look once; raises nothing that passes."""
        try:
            standing = await asyncio.wait_for(self._look(), SECONDS_TO_ANSWER)
        except (TimeoutError, MendableError) as error:
            if not self._standing.unreachable:
                logger.warning("it cannot be told how fresh everything is", reason=repr(error))
            standing = msgspec.structs.replace(self._standing, unreachable=True)
        self._standing = standing = msgspec.structs.replace(
            standing, desk_stands=self._desk_stands()
        )
        self._seen = self._seen._replace(pulse=self._judge.judge(standing))

    async def _look(self) -> Standing:
        head = self._sights.head()
        positions = await self._sights.positions(head)
        if not positions:
            return standing_of(head, (), 0, self._wall.now())
        folded = [position.offset for position in positions]
        ends = await self._sights.ends(folded)
        behind = sum(max(0, end - at) for end, at in zip(ends, folded, strict=True))
        return standing_of(head, positions, behind, self._wall.now())
