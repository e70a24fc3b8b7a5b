"""An operator's commands to a serving process: move the clock, run an import.

The terminal's commands come in here while a `serve` holds the folder. There is no sign-in, so they
are taken from this machine only, and only as JSON, which no web page can send here unasked.
"""

import datetime
from http import HTTPStatus
from ipaddress import ip_address

import msgspec
from fastapi import APIRouter, Request, Response

from events.control import ClockMode
from infra.log.transaction import ImportUnderWayError
from services.ingest.api import RawRoute
from services.ingest.clock import ClockRefusedError, DayClock
from services.ingest.import_desk import ImportDesk, ImportOrder
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.problems import Problem, answer, urn

CLOCK_PATH = "/v1/clock"
IMPORTS_PATH = "/v1/imports/current"


class StrangerError(Exception):
    """A command came from elsewhere than this machine's own terminal."""


class ClockOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open every day up to ``advance_to``, or change what "now" means."""

    advance_to: datetime.date | None = None
    mode: ClockMode | None = None


class ClockAnswer(msgspec.Struct, frozen=True):
    """How many days were opened."""

    opened: int


def admin_router(clock: DayClock, imports: ImportDesk) -> APIRouter:
    """Return the routes of an operator's commands."""
    router = APIRouter(route_class=RawRoute)
    endpoints = AdminEndpoints(clock, imports)
    for path, method, endpoint in (
        (CLOCK_PATH, "POST", endpoints.move_clock),
        (IMPORTS_PATH, "POST", endpoints.begin_import),
        (IMPORTS_PATH, "GET", endpoints.tell_import),
        (IMPORTS_PATH, "DELETE", endpoints.abandon_import),
    ):
        router.add_api_route(path, endpoint, methods=[method], include_in_schema=False)
    return router


class AdminEndpoints:
    """The handlers behind the routes."""

    def __init__(self, clock: DayClock, imports: ImportDesk) -> None:
        self._clock = clock
        self._imports = imports

    async def move_clock(self, request: Request) -> Response:
        """Advance the clock, or set its mode."""
        try:
            order = msgspec.json.decode(await _own_body(request), type=ClockOrder)
            opened = 0
            if order.mode is not None:
                await self._clock.set_mode(order.mode)
            if order.advance_to is not None:
                opened = await self._clock.advance(order.advance_to)
        except StrangerError as error:
            return _refused(HTTPStatus.FORBIDDEN, "not-from-here", str(error))
        except msgspec.DecodeError as error:
            return _refused(HTTPStatus.BAD_REQUEST, "malformed", str(error))
        except (ClockRefusedError, ImportUnderWayError) as error:
            return _refused(HTTPStatus.CONFLICT, "clock-refused", str(error))
        return _json(HTTPStatus.OK, ClockAnswer(opened))

    async def begin_import(self, request: Request) -> Response:
        """Begin an import of files that this process can read."""
        try:
            order = msgspec.json.decode(await _own_body(request), type=ImportOrder)
            answered = self._imports.begin(order)
        except StrangerError as error:
            return _refused(HTTPStatus.FORBIDDEN, "not-from-here", str(error))
        except msgspec.DecodeError as error:
            return _refused(HTTPStatus.BAD_REQUEST, "malformed", str(error))
        except ImportRefusedError as error:
            return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, "import-refused", str(error))
        if answered == "busy":
            return _refused(HTTPStatus.CONFLICT, "import-busy", "an import runs in this process")
        return _json(HTTPStatus.ACCEPTED, self._imports.state)

    async def tell_import(self, _: Request) -> Response:
        """Tell how far the import is, or how the last one ended."""
        return _json(HTTPStatus.OK, self._imports.state)

    async def abandon_import(self, request: Request) -> Response:
        """Give up an import that was broken off."""
        try:
            await _own_body(request)
        except StrangerError as error:
            return _refused(HTTPStatus.FORBIDDEN, "not-from-here", str(error))
        answered = await self._imports.abandon()
        if answered == "busy":
            return _refused(HTTPStatus.CONFLICT, "import-busy", "the import runs; stop it first")
        return _json(HTTPStatus.OK, answered)


async def _own_body(request: Request) -> bytes:
    """Return the body of a command from this machine. Raises `StrangerError` for any other."""
    client = request.client
    if client is None or not ip_address(client.host).is_loopback:
        raise StrangerError("commands are taken from this machine only")
    if request.headers.get("content-type") != "application/json":
        raise StrangerError("commands are taken as application/json only")
    return await request.body()


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
