"""The quality report as the serving process gives it: computed once for each closed day."""

import asyncio

import msgspec

from domain.learning.quality.report import QualityReport
from services.ops.freshness import NothingFolded
from services.ops.place import Place
from services.ops.quality import ClosedDay, closed_day, quality_as_of
from services.ops.reading import open_reading


class _Kept(msgspec.Struct, frozen=True):
    closed: ClosedDay
    report: QualityReport


class QualityDesk:
    """Answers with the report kept until a further day is closed, or another projection stands.

    Each look opens a snapshot of the log of its own, in a worker thread: the event loop goes on. Of
    many who ask at once one computes, and the others get what it found.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kept: _Kept | None = None
        self._one_at_a_time = asyncio.Lock()

    async def report(self) -> QualityReport | NothingFolded:
        """Return the figures as of the last closed day.

        Raises `StoreError` where the log cannot be read.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(lambda: asyncio.run(self._look()))

    async def _look(self) -> QualityReport | NothingFolded:
        async with open_reading(self._place) as reading:
            closed = await closed_day(reading)
            if isinstance(closed, NothingFolded):
                return closed
            if self._kept is None or self._kept.closed != closed:
                self._kept = _Kept(closed, await quality_as_of(reading, closed))
            return self._kept.report
