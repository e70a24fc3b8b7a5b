"""Handing a partition over: who works on it is asked, and breaks off where nothing is under way."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from domain.detection.day_model import DayModel
from infra.ending import ended
from infra.stream.models import DayModels

T = TypeVar("T")


class HandedOverError(Exception):
    """The partition is to be handed over: nothing more of it is begun here."""


class Handover:
    """Asks for one partition, once. Make it where an event loop runs."""

    def __init__(self) -> None:
        self._asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_asked(self) -> bool:
        """Whether the partition is asked for."""
        return self._asked.done()

    def ask(self) -> None:
        """Ask for it. Asking again changes nothing."""
        if not self._asked.done():
            self._asked.set_result(None)

    async def wait(self, seconds: float | None = None) -> None:
        """Return once the partition is asked for, at latest after so many seconds."""
        await asyncio.wait({self._asked}, timeout=seconds)

    async def unless_asked(self, waiting: Coroutine[object, object, T]) -> T:
        """Return what is waited for; break the waiting off once the partition is asked for.

        Raises `HandedOverError` then. Only for what may be broken off at any moment.
        """
        task = asyncio.ensure_future(waiting)
        try:
            both: set[asyncio.Future[T] | asyncio.Future[None]] = {task, self._asked}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended(task)
        if task.cancelled():
            raise HandedOverError
        return task.result()


class InterruptibleModels:
    """The models of one partition: a hand-over need not wait until a day's model is decided."""

    def __init__(self, models: DayModels, handover: Handover) -> None:
        self._models = models
        self._handover = handover

    async def of(self, day: int) -> DayModel:
        """Return the model of a day. Raises `HandedOverError`, and what else stops the waiting."""
        return await self._handover.unless_asked(self._models.of(day))

    def decided(self, day: int) -> DayModel | None:
        """Return the model of a day where it is decided."""
        return self._models.decided(day)
