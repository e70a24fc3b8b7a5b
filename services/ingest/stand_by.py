"""The door of a process that writes only at times: in between it stands by and says so."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from infra.health.figures import DoorFigures
from infra.log.port import LogUnavailableError
from infra.log.writers import LedgerAheadError, WriterFencedError
from services.ingest.door import Refusal
from services.ingest.intake import Arrival, Intake, Refused, Result, outcome_of

SECONDS_TO_SETTLE = 20.0


class StandByError(LogUnavailableError):
    """Another process writes the log now, or this one is about to begin."""


class TurnsIntake:
    """Lets events in by the intake of the turn that is on; there is none while this process stands by."""

    def __init__(self, figures: DoorFigures) -> None:
        self._figures = figures
        self.fenced: Callable[[], None] = lambda: None  # or there is another topic
        self._intake: Intake | None = None
        self._why = "this process has just begun"
        self._under_way = 0
        self._settled = asyncio.Event()
        self._settled.set()

    def take_up(self, intake: Intake) -> None:
        """Let events in from here on."""
        self._intake = intake
        self._figures.active.set(1)

    def stand_by(self, why: str) -> bool:
        """Let nothing in from here on; what was let in is answered still. Tell whether that is news."""
        is_news = self._intake is not None or self._why != why
        self._intake, self._why = None, why
        self._figures.active.set(0)
        return is_news

    async def settle(self) -> None:
        """Wait until all that was let in is answered, or for as long as that should take."""
        try:
            async with asyncio.timeout(SECONDS_TO_SETTLE):
                await self._settled.wait()
        except TimeoutError:
            return

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Return what became of the events.

        Raises `StandByError` where none of them became a fact since another process writes, and
        what `Intake.submit` raises.
        """
        if self._intake is None:
            raise StandByError(self._why)
        self._under_way += 1
        self._settled.clear()
        try:
            results = await self._intake.submit(arrivals)
        except (WriterFencedError, LedgerAheadError) as error:
            self.fenced()
            raise StandByError(str(error)) from error
        else:
            self._count(results)
            return results
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._settled.set()

    def _count(self, results: Sequence[Result]) -> None:
        for outcome, number in Counter(map(outcome_of, results)).items():
            self._figures.events.labels(outcome).inc(number)
        for result in results:
            if isinstance(result, Refused) and result.dead_letter is not None:
                self._figures.dead_letters.labels(result.refusal.reason).inc()

    def count_refused(self, refusal: Refusal) -> None:
        """Count a request that was refused, where this process keeps the counts now."""
        self._figures.events.labels(refusal.reason).inc()
        if self._intake is not None:
            self._intake.count_refused(refusal)
