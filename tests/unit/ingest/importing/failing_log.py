"""A log that fails at a chosen call, as a full disk or a killed process would make it fail."""

from collections.abc import Sequence

from events.control import ClockMode
from infra.log.memory import MemoryLog
from infra.log.port import NO_TALLIES, LogUnavailableError, Tallies
from infra.log.records import AppendOutcome, DeadLetter, NewFact
from tests.unit.ingest.door_given import LONDON, StandingClock
from tests.unit.ingest.importing.import_given import NOON


class FailingLog(MemoryLog):
    """Fails at one append, before or after it stands, or at the burial of dead letters."""

    def __init__(self) -> None:
        super().__init__(1, StandingClock(NOON))
        self.appends = 0
        self.fails_before: int | None = None
        self.fails_after: int | None = None
        self.fails_to_bury = False
        self.fails_to_end = False

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        self.appends += 1
        if self.appends == self.fails_before:
            raise LogUnavailableError("database or disk is full")
        outcomes = await super().append(facts, import_id, done)
        if self.appends == self.fails_after:
            raise LogUnavailableError("killed before it could say so")
        return outcomes

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        if self.fails_to_bury:
            raise LogUnavailableError("database or disk is full")
        await super().bury(letters)

    async def end_import(
        self, import_id: str, *, finished: bool, tallies: Tallies = NO_TALLIES
    ) -> None:
        await super().end_import(import_id, finished=finished, tallies=tallies)
        if self.fails_to_end:
            raise LogUnavailableError("killed before it could say so")


async def failing_log() -> FailingLog:
    log = FailingLog()
    await log.create(LONDON, ClockMode.WALL)
    return log
