"""One turn at writing a log on Kafka: the lease is kept for as long as it lasts, and its end is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from infra.log.port import LogUnavailableError
from infra.log.writer_lease import SECONDS_OF_A_LEASE, WriterLease
from infra.mendable import MendableError
from infra.stream.handover import Handover

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_WAIT_FOR_A_TURN = 60.0

WANTED = "a command writes for a moment"
LOST = "the lease was lost"

logger = structlog.get_logger()


class WriterBusyError(MendableError):
    """Another process writes, and does not step back."""


class WriterTurn:
    """A turn that is on. ``end`` is asked for when it is to end, and ``why`` then says why."""

    def __init__(self) -> None:
        self.end = Handover()
        self.why = ""

    def finish(self, why: str) -> None:
        """Ask for the turn's end; the first reason stands."""
        if not self.end.is_asked:
            self.why = why
            self.end.ask()


@asynccontextmanager
async def turn_taken(lease: WriterLease, *, steps_back: bool) -> AsyncIterator[WriterTurn]:
    """Keep a lease that was just taken, and give it back in the end.

    A turn that ``steps_back`` ends as soon as somebody else asks for one.
    """
    turn, over = WriterTurn(), Handover()
    keeping = asyncio.create_task(_keep(lease, turn, over, steps_back=steps_back))
    try:
        yield turn
    finally:
        over.ask()  # not cancelled: who waits for an answer of Redis may miss that (Python 3.11)
        await asyncio.gather(keeping, return_exceptions=True)
        with suppress(LogUnavailableError):
            await lease.give_back()


async def ask_for_turn(lease: WriterLease, seconds: float = SECONDS_TO_WAIT_FOR_A_TURN) -> None:
    """Take the lease for a command; whoever writes now is asked to step back.

    Raises:
        WriterBusyError: it does not.
        LogUnavailableError: Redis does not answer.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds  # no `asyncio.timeout`: it cancels, see `turn_taken`
    while not await lease.take():
        if loop.time() > deadline:
            raise WriterBusyError(
                f"another process writes the log ({await lease.holder()}), and did not step back"
                f" within {seconds:.0f} s: another command, such as an import, may be at work; wait"
                " for its end"
            )
        await lease.ask()
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _keep(lease: WriterLease, turn: WriterTurn, over: Handover, *, steps_back: bool) -> None:
    loop = asyncio.get_running_loop()
    held_until = loop.time() + SECONDS_OF_A_LEASE
    while not over.is_asked:
        try:
            if not await lease.renew():
                turn.finish(LOST)
                return
            held_until = loop.time() + SECONDS_OF_A_LEASE
            if steps_back and await lease.is_wanted():
                turn.finish(WANTED)
        except LogUnavailableError as error:
            logger.warning("the writer's lease cannot be renewed", reason=str(error))
            if loop.time() > held_until:
                turn.finish(LOST)
                return
        await over.wait(SECONDS_BETWEEN_LOOKS)
