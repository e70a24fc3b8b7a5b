"""`holdfast serve`: the door over HTTP and the profiles beside it, until SIGTERM or Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import structlog
import uvicorn
from fastapi import FastAPI

from infra.log.holds import ImportUnderWayError
from infra.log.port import LogUnavailableError
from infra.mendable import MendableError
from infra.sqlite.connection import StoreError
from infra.stream.runner import HaltedError
from services.embedded import Engine
from services.ingest.admin import admin_router
from services.ingest.api import events_router
from services.ingest.import_desk import ImportDesk
from services.ingest.intake import Intake
from services.ops.api import quality_router

SECONDS_BETWEEN_TICKS = 1.0

SECONDS_TO_FINISH = 10
"""How long requests that are under way may still take once we are told to stop."""

logger = structlog.get_logger()


class PortInUseError(MendableError):
    """Another program listens on the port."""


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to `serve`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers as they are."""
        yield


async def serve(engine: Engine, host: str, port: int) -> None:
    """Serve until told to stop; every request taken in whole is answered first.

    Raises:
        PortInUseError: the port is taken.
        HaltedError: the profiles stood still at a record of another release, until the end.
    """
    with _listening(host, port) as listener:
        url = local_url(host, listener.getsockname()[1])
        intake = Intake(engine.log, engine.door, engine.wall)
        imports = ImportDesk(engine.log, engine.door, engine.folder.spools, engine.wall)
        server = _server(_app(engine, intake, imports))
        engine.lock.announce(url)
        logger.info("serving", url=url, folder=str(engine.folder.path))
        _say_reach(listener)
        _say_rebuild(engine)
        following = asyncio.create_task(_ending(server, _follow_log(engine, url)))
        ticking = asyncio.create_task(_ending(server, _tick(engine, intake)))
        try:
            await server.serve(sockets=[listener])
        finally:
            engine.lock.announce(None)
            ticking.cancel()
            await imports.close()
            engine.profiles.driver.stop()
            ended = await asyncio.gather(following, ticking, return_exceptions=True)
            await _flush(intake)
        logger.info("stopped")
    for error in ended:
        if isinstance(error, Exception):
            raise error


def local_url(host: str, port: int) -> str:
    """Return where a command on this machine reaches a door that listens on a host.

    >>> local_url("127.0.0.1", 8750), local_url("::1", 8750), local_url("::", 8750)
    ('http://127.0.0.1:8750', 'http://[::1]:8750', 'http://[::1]:8750')
    >>> local_url("0.0.0.0", 8750), local_url("192.0.2.7", 8750)
    ('http://127.0.0.1:8750', 'http://192.0.2.7:8750')
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - replaced here
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _server(app: FastAPI) -> _Server:
    """Return a server that SIGTERM and SIGINT stop. It believes no header about who is asking."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    server, loop = _Server(config), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    return server


def _app(engine: Engine, intake: Intake, imports: ImportDesk) -> FastAPI:
    app = FastAPI(title="Holdfast", summary="The door into the log", docs_url=None, redoc_url=None)
    app.include_router(events_router(intake))
    app.include_router(admin_router(engine.log, engine.day_clock, imports, engine.lock.token))
    app.include_router(quality_router(engine.folder))
    return app


async def _ending(server: uvicorn.Server, work: Coroutine[object, object, None]) -> None:
    """Do work beside the door; where it fails unforeseen, say so and end: no half of us lives on."""
    try:
        await work
    except HaltedError:
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


def _say_rebuild(engine: Engine) -> None:
    rebuild = engine.profiles.rebuild
    if rebuild is not None:
        logger.warning(
            "this release folds otherwise than the one that made the states: they are folded anew,"
            " and taken over from when that is done; until then the old ones stand still",
            before=rebuild.before,
            after=rebuild.after,
        )


def _say_reach(listener: socket.socket) -> None:
    address = str(listener.getsockname()[0])
    if not ip_address(address.partition("%")[0]).is_loopback:
        logger.warning(
            "the door is open to other machines and there is no sign-in: whoever reaches this"
            " address may send events; let only your own systems through to it",
            address=address,
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
