"""A door over HTTP as senders meet it: uvicorn on a port that the kernel chose, a log in SQLite."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from events.calendar import BusinessCalendar
from events.control import ClockMode, LogCreated
from infra.clock import Clock
from infra.log.sqlite import SqliteLog
from services.ingest.api import events_router
from services.ingest.door import Door
from services.ingest.intake import Intake
from tests.unit.ingest.door_given import LONDON

T = TypeVar("T")


class DoorServer:
    """The parts of a running server, for a test to look at and to hold up."""

    def __init__(self, url: str, log: SqliteLog, intake: Intake) -> None:
        self.url = url
        self.log = log
        self.intake = intake
        self._loop = asyncio.get_running_loop()

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def wait_for(self, work: Coroutine[object, object, T]) -> T:
        """Run something on the server's own event loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


@contextmanager
def running_door(folder: Path, clock: Clock, identity: LogCreated = LONDON) -> Iterator[DoorServer]:
    """Serve a new log in ``folder``, whose open day is the clock's, until the block ends."""
    ready: Future[tuple[DoorServer, uvicorn.Server]] = Future()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        serving = _serve(folder, clock, identity, listening, ready)
        thread = threading.Thread(target=asyncio.run, args=(serving,))
        thread.start()
        door, server = ready.result(timeout=30)
        try:
            yield door
        finally:
            server.should_exit = True
            thread.join(timeout=30)


async def _serve(
    folder: Path,
    clock: Clock,
    identity: LogCreated,
    listening: socket.socket,
    ready: "Future[tuple[DoorServer, uvicorn.Server]]",
) -> None:
    log = await SqliteLog.open(folder / "log.db", clock)
    try:
        await log.create(identity, ClockMode.WALL)
        await log.advance(BusinessCalendar(identity.business_timezone).day_of(clock.now()))
        intake = Intake(log, Door(identity), clock)
        app = FastAPI()
        app.include_router(events_router(intake))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        host, port = listening.getsockname()
        ready.set_result((DoorServer(f"http://{host}:{port}", log, intake), server))
        await server.serve(sockets=[listening])
    finally:
        await log.close()
