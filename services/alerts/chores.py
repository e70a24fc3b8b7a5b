"""What the desk does beside deciding, by one process at a time: it wakes, tells, and lets time pass.

Each of these keeps its place in the desk's store and may be done twice: so whoever takes over from a
process that died, or overlaps with one that does not know yet, does no harm.
"""

from typing import NamedTuple, Protocol

import structlog

from infra.desk.desk import TaskDesk
from infra.desk.relay import Relay, TaskPublisher
from services.alerts.outcomes import DoorShutError, OutcomeDoor, Outcomes
from services.alerts.waking import Waking, WakingFacts

logger = structlog.get_logger()


class Chore(Protocol):
    """Something that is done step by step."""

    async def advance(self) -> int:
        """Do the next step; return how much that was, 0 where there is nothing to do now."""
        ...


class Chores(NamedTuple):
    """All that alerts do beside deciding on signals."""

    waking: Waking
    relay: Relay
    outcomes: Outcomes

    async def advance(self) -> int:
        """Do the next step of each; outcomes may wait for the door."""
        done = await self.waking.advance() + await self.relay.advance()
        try:
            return done + await self.outcomes.advance()
        except DoorShutError as error:
            logger.warning("outcomes wait at the door", reason=str(error))
            return done


class Ticks:
    """Lets time pass at the desk: offers end, tasks wake, the queue drains."""

    def __init__(self, desk: TaskDesk) -> None:
        self._desk = desk

    async def advance(self) -> int:
        """Let time pass; return how much changed."""
        return await self._desk.tick()


def chores_of(
    desk: TaskDesk, publisher: TaskPublisher, door: OutcomeDoor, facts: WakingFacts
) -> Chores:
    """Return what is to be done beside deciding."""
    return Chores(Waking(desk, facts), Relay(desk, publisher), Outcomes(desk, door))
