"""The door over HTTP: ``POST /v1/events``."""

from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Protocol

import msgspec
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from infra.log.port import LogUnavailableError
from services.ingest.answers import answer_batch, answer_single
from services.ingest.door import Refusal
from services.ingest.http_binary import header_named, read_binary
from services.ingest.http_body import read_body
from services.ingest.http_events import read_batch, read_structured
from services.ingest.http_modes import ContentMode, content_mode
from services.ingest.intake import Arrival, Refused, Result
from services.ingest.openapi import DESCRIPTION, OPENAPI_EXTRA, RESPONSES
from services.ingest.problems import answer_standing_by, answer_unread, log_unavailable, problem_of
from services.ingest.stand_by import StandByError
from services.ingest.tracing import trace_in, traced
from services.problem_details import answer

EVENTS_PATH = "/v1/events"

Headers = Sequence[tuple[bytes, bytes]]

logger = structlog.get_logger()


class RawRoute(APIRoute):
    """A route that hands the request to its endpoint as it is; the body is not FastAPI's to parse."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """Return the endpoint itself."""
        return self.endpoint


class Submits(Protocol):
    """Lets events in: an `Intake`, or one that is there only at times."""

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Return, once they stand durably, what became of the events. Raises `LogUnavailableError`."""
        ...

    def count_refused(self, refusal: Refusal) -> None:
        """Count a request that was refused before any event could be read from it."""
        ...


def events_router(intake: Submits) -> APIRouter:
    """Return the routes by which events come in; `DESCRIPTION` says what they promise."""
    router = APIRouter(route_class=RawRoute)
    router.add_api_route(
        EVENTS_PATH,
        EventsEndpoint(intake).post,
        methods=["POST"],
        status_code=HTTPStatus.ACCEPTED,
        summary="Publish one event, or up to 1,000",
        description=DESCRIPTION,
        operation_id="publish_events",
        response_class=Response,
        responses=RESPONSES,
        openapi_extra=OPENAPI_EXTRA,
    )
    return router


class EventsEndpoint:
    """Reads requests in any of the three content modes and answers when the events stand durably."""

    def __init__(self, intake: Submits) -> None:
        self._intake = intake

    async def post(self, request: Request) -> Response:
        """Answer one request."""
        mode = content_mode(_header(request, b"content-type"))
        if isinstance(mode, Refusal):
            return self._refuse_unread(mode)
        body = await read_body(_header(request, b"content-length"), request.receive)
        if isinstance(body, Refusal):
            return self._refuse_unread(body)
        try:
            return await self._post(mode, request, body)
        except StandByError as error:
            return answer_standing_by(str(error))
        except LogUnavailableError as error:
            trace = trace_in(request.scope["headers"])
            logger.exception("the log cannot write", reason=str(error), traceparent=trace)
            return answer(log_unavailable())

    async def _post(self, mode: ContentMode, request: Request, body: bytes) -> Response:
        headers = request.scope["headers"]
        match mode:
            case ContentMode.BATCH:
                return await self._post_batch(body, trace_in(headers))
            case ContentMode.STRUCTURED:
                return answer_single(await self._submit(read_structured(body), headers))
            case ContentMode.BINARY:
                result = await self._submit(read_binary(headers, body), headers)
                if isinstance(result, Refused):
                    result = msgspec.structs.replace(result, refusal=header_named(result.refusal))
                return answer_single(result)

    async def _submit(self, arrival: Arrival, headers: Headers) -> Result:
        (result,) = await self._intake.submit(traced((arrival,), trace_in(headers)))
        return result

    async def _post_batch(self, body: bytes, trace: str | None) -> Response:
        arrivals = read_batch(body)
        if isinstance(arrivals, Refusal):
            self._intake.count_refused(arrivals)
            return answer(problem_of(Refused(arrivals)))
        return answer_batch(arrivals, await self._intake.submit(traced(arrivals, trace)))

    def _refuse_unread(self, refusal: Refusal) -> Response:
        self._intake.count_refused(refusal)
        return answer_unread(refusal)


def _header(request: Request, name: bytes) -> bytes | None:
    for key, value in request.scope["headers"]:
        if key == name:
            return bytes(value)
    return None
