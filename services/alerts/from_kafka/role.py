"""The alerts role: opens the desk, decides on signals, and leads where it is its turn."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from faust import App

from events.desk import ManagerListed
from infra.desk.desk import TaskDesk
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.pulse import beat_for_ever
from infra.log.head import LogHead
from infra.mendable import MendableError
from infra.stream.faust_app import run_app
from infra.stream.following import FollowedLog, standing_projection
from infra.stream.handover import HandedOverError, Handover
from services.alerts.from_kafka.leader import DeskLeader

SECONDS_BETWEEN_TRIES = 1.0
PART = "crm.signals"
DESK = "desk"

logger = structlog.get_logger()


class OpenedDesk(NamedTuple):
    """A desk, the application that takes its signals in, and what leads it."""

    desk: TaskDesk
    app: App
    leader: DeskLeader


class RolePlace(NamedTuple):
    """With what the role works; ``passing`` are the errors that go away by themselves."""

    log: FollowedLog
    open_desk: Callable[[LogHead], Awaitable[OpenedDesk]]
    managers: tuple[ManagerListed, ...] | None
    board: HealthBoard
    passing: tuple[type[MendableError], ...]


class AlertsRole:
    """Runs until it is stopped. Make it where an event loop runs."""

    def __init__(self, place: RolePlace) -> None:
        self._place = place
        self._stopping = Handover()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Decide on signals until `stop`.

        Raises what a release cannot go on at; a signal that it cannot read halts its partition only.
        """
        board = self._place.board
        beating = asyncio.create_task(beat_for_ever(board))
        try:
            head, _ = await standing_projection(self._place.log, self._stopping, board)
            opened = await self._opened(head)
        except HandedOverError:
            return
        finally:
            await ended(beating)
        try:
            await self._run(opened)
        finally:
            await opened.desk.close()

    def stop(self) -> None:
        """Let `run` return; what is under way is decided on to its end."""
        self._stopping.ask()
        self._stopped.set()

    async def _run(self, opened: OpenedDesk) -> None:
        board = self._place.board
        beating = asyncio.create_task(beat_for_ever(board))
        leading = asyncio.create_task(opened.leader.run())
        deciding = asyncio.create_task(run_app(opened.app, self._stopped, lambda: board.beat(PART)))
        try:
            await asyncio.wait({leading, deciding}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopped.set()
            await asyncio.wait({deciding})
            await ended(leading, beating)
        if not leading.cancelled():
            leading.result()
        deciding.result()

    async def _opened(self, head: LogHead) -> OpenedDesk:
        """Open the desk, as soon as its store serves. Raises `HandedOverError`."""
        while True:
            try:
                opened = await self._stopping.unless_asked(self._open(head))
            except self._place.passing as error:
                logger.warning("alerts wait", reason=str(error))
                self._place.board.waits(DESK, str(error))
                await self._stopping.unless_asked(asyncio.sleep(SECONDS_BETWEEN_TRIES))
                continue
            self._place.board.leave(DESK)
            return opened

    async def _open(self, head: LogHead) -> OpenedDesk:
        opened = await self._place.open_desk(head)
        try:
            if self._place.managers is not None:
                await opened.desk.list_managers(self._place.managers)
        except BaseException:
            await opened.desk.close()
            raise
        return opened
