"""`holdfast serve`: the door over HTTP, profiles and desk beside it, until SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack

import msgspec
import structlog
import uvicorn
from fastapi import FastAPI

from infra.desk.desk import DeskHaltedError
from infra.ending import ended
from infra.log.holds import ImportUnderWayError
from infra.log.port import LogUnavailableError
from infra.sqlite.connection import StoreError
from infra.stream.halting import HaltedError
from services.alerts.api import desk_router
from services.console.app import HOST as CONSOLE_HOST
from services.door_server import DoorServer, listening, local_url, say_reach
from services.embedded import Engine
from services.ingest.admin import admin_router
from services.ingest.api import events_router
from services.ingest.import_desk import ImportDesk
from services.ingest.intake import Intake
from services.ops.api import quality_router
from services.showing import open_console

SECONDS_BETWEEN_TICKS = 1.0

logger = structlog.get_logger()


class Addresses(msgspec.Struct, frozen=True):
    """Where to listen. The console has a port only: it is for this machine alone."""

    host: str
    port: int
    console_port: int


async def serve(engine: Engine, addresses: Addresses) -> None:
    """Serve until told to stop; every request taken in whole is answered first.

    Raises:
        PortInUseError: the port is taken.
        HaltedError, DeskHaltedError: a record of another release was met, and stood still at.
    """
    async with AsyncExitStack() as opened:
        listener = opened.enter_context(listening(addresses.host, addresses.port))
        console_listener = opened.enter_context(
            listening(CONSOLE_HOST, addresses.console_port, "--console-port")
        )
        url = local_url(addresses.host, listener.getsockname()[1])
        console_url = local_url(CONSOLE_HOST, console_listener.getsockname()[1])
        intake = Intake(engine.log, engine.door, engine.wall)
        imports = ImportDesk(engine.log, engine.door, engine.folder.spools, engine.wall)
        server = _server(_app(engine, intake, imports))
        shown = await opened.enter_async_context(open_console(engine, lambda: server.should_exit))
        console = DoorServer(shown.app)
        engine.lock.console = console_url
        engine.lock.announce(url)
        logger.info("serving", url=url, console=console_url, folder=str(engine.folder.path))
        say_reach(listener)
        _say_rebuild(engine)
        following = asyncio.create_task(_ending(server, _follow_log(engine, url)))
        deciding = asyncio.create_task(_ending(server, _decide(engine, url)))
        ticking = asyncio.create_task(_ending(server, _tick(engine, intake)))
        keeping = asyncio.create_task(_ending(server, shown.follow()))
        showing = asyncio.create_task(_ending(server, console.serve(sockets=[console_listener])))
        try:
            await server.serve(sockets=[listener])
        finally:
            console.should_exit = True
            engine.lock.announce(None)
            await ended(ticking, keeping)
            await imports.close()
            engine.profiles.driver.stop()
            engine.alerts.stop()
            came_of_it = await asyncio.gather(
                following, deciding, ticking, keeping, showing, return_exceptions=True
            )
            await _flush(intake)
        logger.info("stopped")
    for error in came_of_it:
        if isinstance(error, Exception):
            raise error


def _server(app: FastAPI) -> DoorServer:
    """Return a server that SIGTERM and SIGINT stop."""
    server, loop = DoorServer(app), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    return server


def _app(engine: Engine, intake: Intake, imports: ImportDesk) -> FastAPI:
    app = FastAPI(title="Holdfast", summary="The door into the log", docs_url=None, redoc_url=None)
    app.include_router(events_router(intake))
    app.include_router(admin_router(engine.log, engine.day_clock, imports, engine.lock.token))
    app.include_router(desk_router(engine.alerts.desk, engine.lock.token))
    app.include_router(quality_router(engine.folder))
    return app


async def _ending(server: uvicorn.Server, work: Coroutine[object, object, None]) -> None:
    """Do work beside the door; where it fails unforeseen, say so and end: no half of us lives on."""
    try:
        await work
    except (HaltedError, DeskHaltedError):
        raise
    except Exception as error:
        logger.exception("this process ends: a part of it failed", reason=str(error))
        server.should_exit = True
        raise


async def _follow_log(engine: Engine, url: str) -> None:
    """Fold what comes; a partition that halts says so loudly, while the door goes on.

    Where a file could not be written, as on a full disk, folding goes on once it can be again.
    """
    while True:
        try:
            await engine.profiles.driver.run()
        except (LogUnavailableError, StoreError) as error:
            logger.warning("profiles wait", reason=str(error))
            await asyncio.sleep(SECONDS_BETWEEN_TICKS)
        except HaltedError as error:
            logger.exception("profiles stand still, the door goes on", reason=str(error))
            engine.lock.announce(url, str(error))
            raise
        else:
            return


async def _decide(engine: Engine, url: str) -> None:
    """Decide on signals; a desk that halts says so loudly, while the door goes on."""
    try:
        await engine.alerts.run()
    except DeskHaltedError as error:
        logger.exception("the desk stands still, the door goes on", reason=str(error))
        engine.lock.announce(url, str(error))
        raise


def _say_rebuild(engine: Engine) -> None:
    rebuild = engine.profiles.rebuild
    if rebuild is not None:
        logger.warning(
            "this release folds otherwise than the one that made the states: they are folded anew,"
            " and taken over from when that is done; until then the old ones stand still",
            before=rebuild.before,
            after=rebuild.after,
        )


async def _tick(engine: Engine, intake: Intake) -> None:
    """Open days as the calendar begins them, and write counts down."""
    while True:
        try:
            await engine.day_clock.follow_calendar()
        except (ImportUnderWayError, LogUnavailableError) as error:
            logger.warning("no day was opened", reason=str(error))
        await _flush(intake)
        await asyncio.sleep(SECONDS_BETWEEN_TICKS)


async def _flush(intake: Intake) -> None:
    """Write counts down; what cannot be written now is kept for the next time."""
    try:
        await intake.flush_counts()
    except LogUnavailableError as error:
        logger.warning("counts were not written", reason=str(error))
