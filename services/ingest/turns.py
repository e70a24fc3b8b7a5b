"""Ingest in Kafka mode: of several processes one writes, the others stand by."""

from collections.abc import Callable, Coroutine
from contextlib import suppress

import msgspec
import structlog

from infra.clock import Clock
from infra.health.board import HealthBoard
from infra.log.holds import ImportUnderWayError
from infra.log.port import EventLog, LogUnavailableError, head_of
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import LOST, SECONDS_BETWEEN_LOOKS, WriterTurn, turn_taken
from infra.log.writers import LedgerAheadError, WriterFencedError
from infra.mendable import MendableError
from infra.stream.handover import HandedOverError, Handover
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.ingest.intake import Intake
from services.ingest.stand_by import TurnsIntake

SECONDS_BETWEEN_TICKS = 1.0
WRITER = "writer"
ANOTHER_WRITES = "another process writes the log"
STOPPING = "this process is about to end"
FENCED = "another process has taken over"

logger = structlog.get_logger()

OpenLog = Callable[[], Coroutine[object, object, EventLog]]
"""Opens the log as its writer, making it where there is none; whoever wrote before is fenced."""


class WriterPlace(msgspec.Struct, frozen=True):
    """What writing needs. ``unavailable`` are the errors that pass by themselves."""

    lease: WriterLease
    open_log: OpenLog
    intake: TurnsIntake
    board: HealthBoard
    wall: Clock
    unavailable: tuple[type[MendableError], ...]


class WriterTurns:
    """Writes whenever it is this process's turn. Make it where an event loop runs."""

    def __init__(self, place: WriterPlace) -> None:
        self._place = place
        self._stopping = Handover()
        self._turn: WriterTurn | None = None

    async def run(self) -> None:
        """Write or stand by until `stop`. Raises what only a person can mend."""
        self._stand_by(ANOTHER_WRITES)
        while not self._stopping.is_asked:
            try:
                if await self._place.lease.take():
                    await self._write_in_turn()
            except self._place.unavailable as error:
                self._stand_by(str(error))
            await self._stopping.wait(SECONDS_BETWEEN_LOOKS)

    def stop(self) -> None:
        """Let `run` return once what was let in is answered."""
        self._stopping.ask()
        if self._turn is not None:
            self._turn.finish(STOPPING)

    def lose(self) -> None:
        """Hear that another writer has fenced this one."""
        if self._turn is not None:
            self._turn.finish(FENCED)

    async def _write_in_turn(self) -> None:
        async with turn_taken(self._place.lease, steps_back=True) as turn:
            self._turn = turn
            if self._stopping.is_asked:
                return
            self._place.board.waits(WRITER, "the log is opened, and read up to its end")
            try:
                await self._write(turn)
            except HandedOverError:
                self._stand_by(turn.why)
            finally:
                self._turn = None

    async def _write(self, turn: WriterTurn) -> None:
        place = self._place
        log = await turn.end.unless_asked(place.open_log())
        try:
            door = Door(head_of(log).identity)
            intake = Intake(log, door, place.wall)
            place.intake.take_up(intake)
            logger.info("this process writes the log", writer=place.lease.nonce)
            await self._tick(turn, DayClock(log, door, place.wall), intake)
            self._stand_by(turn.why)
            await place.intake.settle()
            with suppress(LogUnavailableError):
                await intake.flush_counts()
        finally:
            self._stand_by(turn.why or "the log was closed")
            await log.close()

    async def _tick(self, turn: WriterTurn, clock: DayClock, intake: Intake) -> None:
        """Open days as the calendar begins them, and write counts down, until the turn ends."""
        while not turn.end.is_asked:
            try:
                await clock.follow_calendar()
                await intake.flush_counts()
                self._place.board.beat(WRITER)
            except WriterFencedError:
                turn.finish(FENCED)
            except LedgerAheadError as error:
                turn.finish(str(error))
            except (ImportUnderWayError, LogUnavailableError) as error:
                logger.warning("no day was opened, or counts were not written", reason=str(error))
                self._place.board.waits(WRITER, str(error))
            await turn.end.wait(SECONDS_BETWEEN_TICKS)

    def _stand_by(self, why: str) -> None:
        if not self._place.intake.stand_by(why):
            return
        self._place.board.waits(WRITER, f"stands by: {why}")
        say = logger.warning if why in {LOST, FENCED} else logger.info
        say("this process stands by", reason=why)
