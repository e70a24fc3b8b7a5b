"""`holdfast serve`: the door over HTTP and the profiles beside it, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from infra.log.port import LogUnavailableError
from infra.log.transaction import ImportUnderWayError
from infra.sqlite.connection import StoreError
from services.embedded import Engine
from services.ingest.admin import admin_router
from services.ingest.api import events_router
from services.ingest.import_desk import ImportDesk
from services.ingest.intake import Intake

SECONDS_BETWEEN_TICKS = 1.0

logger = structlog.get_logger()


class PortInUseError(Exception):
    """Another program listens on the port."""


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to `serve`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers as they are."""
        yield


async def serve(engine: Engine, host: str, port: int) -> None:
    """Serve until told to stop; every request taken in is answered first.

    Raises:
        PortInUseError: the port is taken.
        HaltedError: the profiles stand still at a record of another release.
    """
    with _listening(host, port) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}"
        intake = Intake(engine.log, engine.door, engine.wall)
        imports = ImportDesk(engine.log, engine.door, engine.folder.spools, engine.wall)
        app = _app(engine, intake, imports)
        server = _Server(uvicorn.Config(app, log_config=None, access_log=False))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, setattr, server, "should_exit", True)
        engine.lock.announce(url)
        logger.info("serving", url=url, folder=str(engine.folder.path))
        _say_rebuild(engine)
        following = asyncio.create_task(_follow_log(engine))
        ticking = asyncio.create_task(_tick(engine, intake))
        try:
            await server.serve(sockets=[listener])
        finally:
            engine.lock.announce(None)
            ticking.cancel()
            await imports.close()
            engine.profiles.driver.stop()
            await asyncio.gather(following, ticking, return_exceptions=True)
            await _flush(intake)
        logger.info("stopped")


def _app(engine: Engine, intake: Intake, imports: ImportDesk) -> FastAPI:
    app = FastAPI(title="Holdfast", summary="The door into the log", docs_url=None, redoc_url=None)
    app.include_router(events_router(intake))
    app.include_router(admin_router(engine.day_clock, imports))
    return app


async def _follow_log(engine: Engine) -> None:
    """Fold what comes; a partition that halts says so loudly, while the door goes on.

    Where a file could not be written, as on a full disk, folding goes on once it can be again.
    """
    while True:
        try:
            await engine.profiles.driver.run()
        except (LogUnavailableError, StoreError) as error:
            logger.warning("profiles wait", reason=str(error))
            await asyncio.sleep(SECONDS_BETWEEN_TICKS)
        except Exception as error:
            logger.exception("profiles stand still", reason=str(error))
            raise
        else:
            return


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


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # before anybody is told of it, so that the first to connect waits
        except OSError as error:
            raise PortInUseError(
                f"cannot listen on {host}:{port}: {error.strerror}; give another by --port, or 0"
                " for any free one"
            ) from error
        yield listener
