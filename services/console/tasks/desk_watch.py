"""Whether the desk of Kafka mode goes on while nobody here sees its processes: asked every second."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from infra.clock import Clock
from infra.desk.postgres_progress import DeskProgress
from infra.mendable import MendableError
from services.console.pulse import PATIENCE

SECONDS_BETWEEN_LOOKS = 1.0

logger = structlog.get_logger()


class DeskWatch:
    """Remembers since when something is left undone while nothing moves; after `PATIENCE` it says so."""

    def __init__(self, look: Callable[[], Awaitable[DeskProgress]], wall: Clock) -> None:
        self.failed: str | None = None
        self._look = look
        self._wall = wall
        self._moved: int | None = None
        self._stands_since: int | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    async def look(self) -> None:
        """Look once; raises nothing that passes."""
        before = self.failed
        try:
            self.failed = self._judged(await self._look())
        except MendableError as error:
            self.failed = str(error)
        if self.failed is not None and before is None:
            logger.warning("tasks stand still", reason=self.failed)

    def _judged(self, progress: DeskProgress) -> str | None:
        now, moved = self._wall.now(), progress.moved != self._moved
        self._moved = progress.moved
        wrong = _wrong(progress)
        if wrong is None or (moved and progress.led):
            self._stands_since = None
            return None
        if self._stands_since is None:
            self._stands_since = now
        return wrong if now - self._stands_since >= PATIENCE else None


def _wrong(progress: DeskProgress) -> str | None:
    if not progress.led:
        return "no `holdfast alerts` leads the desk"
    if progress.undecided:
        return "`holdfast alerts` does not decide on the signals that there are"
    if progress.unpublished:
        return "`holdfast alerts` does not publish what was done with tasks"
    return None
