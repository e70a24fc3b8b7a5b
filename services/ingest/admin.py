"""An operator's commands to a serving process: move the clock, run an import.

The terminal's commands come in here while a `serve` holds the folder. There is no sign-in: who may
read the folder's lock file finds a token there, and whoever brings it may command. Neither another
user of this machine has it, nor a web page that reaches this port under a name of its own.
"""

import datetime
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
import structlog
from fastapi import APIRouter, Request, Response

from events.control import ClockMode
from infra.log.holds import ImportUnderWayError
from infra.log.port import EventLog, LogUnavailableError
from services.ingest.api import RawRoute
from services.ingest.clock import ClockRefusedError, DayClock
from services.ingest.door import Refusal
from services.ingest.http_body import BodyLimits, read_body
from services.ingest.import_desk import ImportDesk, ImportOrder
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.problems import answer_unread, log_unavailable
from services.ingest.schedules import ScheduleRefusedError, declare, schedule_of
from services.problem_details import Problem, answer, urn
from services.token_guard import StrangerError, check_sender

CLOCK_PATH = "/v1/clock"
SOURCES_PATH = "/v1/sources"
IMPORTS_PATH = "/v1/imports/current"

ORDER_LIMITS = BodyLimits(most_bytes=64 * 1024)

logger = structlog.get_logger()

Command = Callable[[bytes], Awaitable[Response]]
"""Carries out what stands in a body that was let in."""


class ClockOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open every day up to ``advance_to``, or change what "now" means."""

    advance_to: datetime.date | None = None
    mode: ClockMode | None = None
    many_days: bool = False


class ScheduleOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keep what a source sends every day; without services it has no schedule any more."""

    source: str
    services: tuple[str, ...]
    delay_days: int = 0


class ClockAnswer(msgspec.Struct, frozen=True):
    """How many days were opened."""

    opened: int


def admin_router(log: EventLog, clock: DayClock, imports: ImportDesk, token: str) -> APIRouter:
    """Return the routes of an operator's commands, which are taken by ``token`` only."""
    router = APIRouter(route_class=RawRoute)
    commands = AdminCommands(log, clock, imports)
    for path, method, command in (
        (CLOCK_PATH, "POST", commands.move_clock),
        (SOURCES_PATH, "POST", commands.schedule_source),
        (IMPORTS_PATH, "POST", commands.begin_import),
        (IMPORTS_PATH, "GET", commands.tell_import),
        (IMPORTS_PATH, "DELETE", commands.abandon_import),
    ):
        endpoint = _guarded(token.encode(), command)
        router.add_api_route(path, endpoint, methods=[method], include_in_schema=False)
    return router


class AdminCommands:
    """What the routes do."""

    def __init__(self, log: EventLog, clock: DayClock, imports: ImportDesk) -> None:
        self._log = log
        self._clock = clock
        self._imports = imports

    async def move_clock(self, body: bytes) -> Response:
        """Advance the clock, or set its mode."""
        order = msgspec.json.decode(body, type=ClockOrder)
        opened = 0
        if order.mode is not None:
            await self._clock.set_mode(order.mode, many_days=order.many_days)
        if order.advance_to is not None:
            opened = await self._clock.advance(order.advance_to, many_days=order.many_days)
        return _json(HTTPStatus.OK, ClockAnswer(opened))

    async def schedule_source(self, body: bytes) -> Response:
        """Keep what a source sends every day."""
        order = msgspec.json.decode(body, type=ScheduleOrder)
        scheduled = schedule_of(order.source, order.services, order.delay_days)
        await declare(self._log, scheduled)
        return _json(HTTPStatus.OK, scheduled)

    async def begin_import(self, body: bytes) -> Response:
        """Begin an import of files that this process can read."""
        answered = await self._imports.begin(msgspec.json.decode(body, type=ImportOrder))
        if answered == "busy":
            return _refused(HTTPStatus.CONFLICT, "import-busy", "an import runs in this process")
        return _json(HTTPStatus.ACCEPTED, self._imports.state)

    async def tell_import(self, _: bytes) -> Response:
        """Tell how far the import is, or how the last one ended."""
        return _json(HTTPStatus.OK, self._imports.state)

    async def abandon_import(self, _: bytes) -> Response:
        """Give up an import that was broken off."""
        answered = await self._imports.abandon()
        if answered == "busy":
            return _refused(HTTPStatus.CONFLICT, "import-busy", "the import runs; stop it first")
        return _json(HTTPStatus.OK, answered)


def _guarded(token: bytes, command: Command) -> Callable[[Request], Awaitable[Response]]:
    """Let a command in by its token, and say what it refuses as problem details."""

    async def endpoint(request: Request) -> Response:
        try:
            check_sender(request, token)
            length = request.headers.get("content-length", "").encode()
            body = await read_body(length, request.receive, ORDER_LIMITS)
            return answer_unread(body) if isinstance(body, Refusal) else await command(body)
        except StrangerError as error:
            refused = _refused(HTTPStatus.FORBIDDEN, "not-allowed", str(error))
            refused.headers["connection"] = "close"  # its body was not read
            return refused
        except msgspec.DecodeError as error:
            return _refused(HTTPStatus.BAD_REQUEST, "malformed", str(error))
        except (ClockRefusedError, ScheduleRefusedError, ImportUnderWayError) as error:
            schedule = isinstance(error, ScheduleRefusedError)
            reason = "schedule-refused" if schedule else "clock-refused"
            return _refused(HTTPStatus.CONFLICT, reason, str(error))
        except (ImportRefusedError, OSError) as error:
            return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, "import-refused", str(error))
        except LogUnavailableError as error:
            logger.exception("the log cannot write", reason=str(error))
            return answer(log_unavailable())

    return endpoint


def _json(status: HTTPStatus, value: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _refused(status: HTTPStatus, reason: str, detail: str) -> Response:
    return answer(
        Problem(
            type=urn(reason),
            title="The command was refused",
            status=status,
            detail=detail,
            field="$",
            reason=reason,
            mend="see the detail",
        )
    )
