"""The learning service of Kafka mode: of several processes one learns, the others stand by."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from domain.customer.fold import CustomerFold
from infra.course.port import CourseStore
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.pulse import beat_for_ever
from infra.mendable import MendableError
from infra.stream.following import FollowedLog, standing_projection
from infra.stream.handover import HandedOverError, Handover
from infra.stream.models import LearnerStoppedError
from infra.stream.release import Release, refuse_other_release
from infra.stream.turn import Turn
from services.learning.app import Learning

SECONDS_BETWEEN_ATTEMPTS = 1.0
LEARNER = "learner"

logger = structlog.get_logger()


class LearningPlace(msgspec.Struct, frozen=True):
    """What learning works with: the log, the course of a projection, a place in the line.

    ``unavailable`` are the errors of log and course that pass by themselves.
    """

    log: FollowedLog
    open_course: Callable[[str], Awaitable[CourseStore]]
    open_turn: Callable[[str], Turn]
    board: HealthBoard
    unavailable: tuple[type[MendableError], ...]


class LearningWorker:
    """Decides the models of the standing projection. Make it where an event loop runs.

    Two that learn at once do no harm: both decide the same, and the first decision stands.
    """

    def __init__(self, place: LearningPlace) -> None:
        self._place = place
        self._stopping = Handover()

    async def run(self) -> None:
        """Learn, or stand by, until `stop`.

        Raises:
            OtherReleaseError: another release made the projection.
            TurnRefusedError: the brokers do not let this process wait in line.
        """
        place = self._place
        try:
            head, name = await standing_projection(place.log, self._stopping, place.board)
        except HandedOverError:
            return
        made_by = await asyncio.to_thread(Release.of, CustomerFold(head.identity.currency))
        refuse_other_release(head, name, made_by)
        turn = place.open_turn(name)
        waiting = asyncio.create_task(turn.run())
        beating = asyncio.create_task(beat_for_ever(place.board))
        learning = asyncio.create_task(self._learn_in_turn(turn, name))
        try:
            await asyncio.wait({waiting, learning}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            turn.stop()
            self._stopping.ask()
            await ended(beating)
            came_of_it = await asyncio.gather(learning, waiting, return_exceptions=True)
        for error in came_of_it:
            if isinstance(error, Exception):
                raise error

    def stop(self) -> None:
        """Let `run` return after the day that is gone through."""
        self._stopping.ask()

    async def _learn_in_turn(self, turn: Turn, projection: str) -> None:
        try:
            while not self._stopping.is_asked:
                if not turn.is_ours:
                    logger.info("learning stands by", projection=projection)
                    await self._stopping.unless_asked(turn.wait())
                await self._attempt(turn, projection)
        except HandedOverError:
            return

    async def _attempt(self, turn: Turn, projection: str) -> None:
        """Learn as long as it is this process's turn, or until something is away."""
        board = self._place.board
        try:
            await self._learn(turn, projection)
        except self._place.unavailable as error:
            logger.warning("learning waits", reason=str(error))
            board.waits(LEARNER, str(error))
            await self._stopping.wait(SECONDS_BETWEEN_ATTEMPTS)
        except LearnerStoppedError as error:
            logger.exception("nothing is learned any more", reason=str(error))
            board.halted(LEARNER, str(error))
            await self._stopping.wait()

    async def _learn(self, turn: Turn, projection: str) -> None:
        place = self._place
        store = await place.open_course(projection)
        learning = Learning(place.log, store, projection)
        try:
            await learning.start()
            logger.info("learning is on", projection=projection)
            while turn.is_ours and not self._stopping.is_asked:
                place.board.leave(LEARNER)
                if not await learning.decide_next():
                    await self._stopping.unless_asked(place.log.wait_for_more())
        finally:
            await learning.close()
