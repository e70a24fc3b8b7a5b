"""Models that another process decides: waited for in ``crm.control``, and loudly where it takes long."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from domain.detection.day_model import DayModel
from events.calendar import date_of
from infra.clock import Clock
from infra.stream.following import FollowedLog
from infra.stream.models import DecidedModels

SECONDS_TO_DECIDE = 60.0
"""A learner that is alive has decided by then, whatever it learned of."""

MICROSECONDS = 1_000_000

logger = structlog.get_logger()


class Overdue(msgspec.Struct, frozen=True):
    """A day whose model is waited for longer than it should be, since when in microseconds."""

    day: int
    since: int


Tell = Callable[[Overdue | None], None]
"""Hears that a model is overdue, again at every deadline; None once all are decided."""


class AwaitedModels:
    """The models of a projection for all partitions of a process; nobody decides them in here."""

    def __init__(
        self,
        projection: str,
        log: FollowedLog,
        clock: Clock,
        tell: Tell,
        seconds: float = SECONDS_TO_DECIDE,
    ) -> None:
        self._projection = projection
        self._log = log
        self._clock = clock
        self._tell = tell
        self._patience = int(seconds * MICROSECONDS)
        self._models = DecidedModels(projection, lambda: log.head, self._wait)
        self._waiting: dict[int, int] = {}
        self._told: int | None = None
        self._more: asyncio.Task[None] | None = None

    async def of(self, day: int) -> DayModel:
        """Return the model of a day, as soon as its decision stands in ``crm.control``."""
        self._waiting.setdefault(day, self._clock.now())
        try:
            return await self._models.of(day)
        finally:
            self._waiting.pop(day, None)
            self._settle()

    def decided(self, day: int) -> DayModel | None:
        """Return the model of a day where it is decided."""
        return self._models.decided(day)

    async def _wait(self) -> bool:
        await self._wait_together()
        now = self._clock.now()
        day, since = min(self._waiting.items(), key=lambda item: item[1], default=(0, now))
        if now - (self._told or since) >= self._patience:
            self._told = now
            self._tell(Overdue(day, since))
            logger.error(
                "a day's model is not decided, and partitions wait for it: is `holdfast learning` up?",
                projection=self._projection,
                day=str(date_of(day)),
                seconds=(now - since) // MICROSECONDS,
            )
        return True

    async def _wait_together(self) -> None:
        """Wait for more; one waiting does for all partitions, and goes on where one of them leaves."""
        if self._more is None or self._more.done():
            self._more = asyncio.ensure_future(self._log.wait_for_more())
        await asyncio.shield(self._more)

    def _settle(self) -> None:
        if self._told is not None and not self._waiting:
            self._told = None
            self._tell(None)
            logger.info("the model that was waited for is decided", projection=self._projection)
