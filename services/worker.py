"""Runs one role as a service under `mode.Worker`: signals, a clean stop, an exit code."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog
import uvloop
from mode import Service, Worker

from infra.mendable import MendableError

SECONDS_TO_STOP = 25.0
"""Orchestrators give a process some 30 seconds to end by itself."""

logger = structlog.get_logger()


class Role(Protocol):
    """What a process does."""

    async def run(self) -> None:
        """Do it until `stop`."""
        ...

    def stop(self) -> None:
        """Let `run` return with nothing under way."""
        ...


OpenRole = Callable[[], AbstractAsyncContextManager[Role]]
"""Opens what a role needs, where an event loop runs, and closes it at the end."""


class RoleService(Service):
    """One role of one process. Where the role cannot go on, the whole process ends."""

    def __init__(self, open_role: OpenRole, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.refused: MendableError | None = None
        self._open_role = open_role
        self._role: Role | None = None
        self._ended = asyncio.Event()

    @Service.task
    async def _work(self) -> None:
        try:
            async with self._open_role() as role:
                self._role = role
                await role.run()
        except MendableError as error:
            self.refused = error
        except Exception as error:
            logger.exception("this process ends: a part of it failed", reason=str(error))
            raise
        finally:
            self._ended.set()
            self._end_process()

    async def on_stop(self) -> None:
        """Let the role end by itself, and wait for that."""
        if self._role is None or self._ended.is_set():
            return
        self._role.stop()
        try:
            await asyncio.wait_for(self._ended.wait(), SECONDS_TO_STOP)
        except TimeoutError:
            logger.warning("the stop took too long and is broken off", seconds=SECONDS_TO_STOP)

    def _end_process(self) -> None:
        worker = self.beacon.root
        if worker is not None and isinstance(worker.data, Service):
            self._stopping = asyncio.ensure_future(worker.data.stop())


def run_role(open_role: OpenRole) -> None:
    """Run a role until SIGTERM, SIGINT or its end; leave by ``SystemExit``.

    Raises what the role raised where a user can mend it.
    """
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    service = RoleService(open_role, loop)
    worker = Worker(service, loop=loop, override_logging=False, redirect_stdouts=False, quiet=True)
    try:
        worker.execute_from_commandline()
    except SystemExit:
        if service.refused is not None:
            raise service.refused from None
        raise
