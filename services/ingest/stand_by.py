"""The door of a process that writes only at times: in between it stands by and says so."""

from collections.abc import Sequence

from infra.log.port import LogUnavailableError
from services.ingest.door import Refusal
from services.ingest.intake import Arrival, Intake, Result


class StandByError(LogUnavailableError):
    """Another process writes the log now, or this one is about to begin."""


class TurnsIntake:
    """Lets events in by the intake of the turn that is on; there is none while this process stands by."""

    def __init__(self) -> None:
        self._intake: Intake | None = None
        self._why = "this process has just begun"

    def take_up(self, intake: Intake) -> None:
        """Let events in from here on."""
        self._intake = intake

    def stand_by(self, why: str) -> None:
        """Let nothing in from here on; what was let in is answered still."""
        self._intake, self._why = None, why

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Return what became of the events.

        Raises `StandByError` where none was let in, and what `Intake.submit` raises.
        """
        if self._intake is None:
            raise StandByError(self._why)
        return await self._intake.submit(arrivals)

    def count_refused(self, refusal: Refusal) -> None:
        """Count a request that was refused, where this process keeps the counts now."""
        if self._intake is not None:
            self._intake.count_refused(refusal)
