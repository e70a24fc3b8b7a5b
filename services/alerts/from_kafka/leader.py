"""What one alerts process does at a time: relay, outcomes, waking, the passing of time, and the figures."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import structlog

from infra.desk.desk import TaskDesk
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.desk_figures import DeskFigures
from infra.log.growth import Follower
from infra.mendable import MendableError
from infra.postgres.lead import Lead
from services.alerts.chores import Chore, Chores, Ticks
from services.alerts.from_kafka.watching import Watching

SECONDS_BETWEEN_STEPS = 1.0
SECONDS_BETWEEN_TRIES = 1.0
LEADER = "leader"

OpenLead = Callable[[], AbstractAsyncContextManager[Lead]]

logger = structlog.get_logger()


class LeaderPlace(NamedTuple):
    """With what a process leads; ``passing`` are the errors that go away by themselves."""

    desk: TaskDesk
    chores: Chores
    watching: Watching
    open_lead: OpenLead
    board: HealthBoard
    figures: DeskFigures
    passing: tuple[type[MendableError], ...]


class DeskLeader:
    """Waits in line, and does the chores for as long as it leads. Cancel it to end it."""

    def __init__(self, place: LeaderPlace) -> None:
        self._place = place
        self._said: dict[str, str] = {}

    async def run(self) -> None:
        """Lead, or stand by, until cancelled. Raises what does not pass by itself."""
        while True:
            self._place.figures.leads.set(0)
            try:
                async with self._place.open_lead() as lead:
                    self._goes_on(LEADER)  # who stands by is as well as it can be
                    await lead.take()
                    await self._lead(lead)
            except self._place.passing as error:
                self._waits(LEADER, str(error))
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    async def _lead(self, lead: Lead) -> None:
        """Do the chores, each at its own pace, until the lead is lost or one of them fails."""
        logger.info("this process leads the desk")
        self._place.figures.leads.set(1)
        chores, ticks = self._place.chores, Ticks(self._place.desk)
        at_work: dict[str, Chore] = {
            "relay": chores.relay,
            "outcomes": chores.outcomes,
            "waking": chores.waking,
            "ticks": ticks,
            "watching": self._place.watching,
        }
        tasks = [asyncio.create_task(lead.keep())]
        tasks += [
            asyncio.create_task(self._keep_at(name, chore, lead.follower()))
            for name, chore in at_work.items()
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended(*tasks)
            for name in at_work:
                self._goes_on(name)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _keep_at(self, name: str, chore: Chore, told: Follower) -> None:
        while True:
            try:
                done = await chore.advance()
            except self._place.passing as error:
                self._waits(name, str(error))
                done = 0
            else:
                self._goes_on(name)
            if not done:
                await told.wait_for_more(SECONDS_BETWEEN_STEPS)

    def _waits(self, name: str, reason: str) -> None:
        self._place.board.waits(name, reason)
        if self._said.get(name) != reason:
            logger.warning("the desk waits", part=name, reason=reason)
        self._said[name] = reason

    def _goes_on(self, name: str) -> None:
        self._place.board.leave(name)
        self._said.pop(name, None)
