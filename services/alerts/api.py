"""A terminal's commands on tasks, to a serving process: taken by the folder's token, as all of its kind."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
import structlog
from fastapi import APIRouter, Request, Response

from domain.retention.commands import PeoplesCommand
from domain.retention.refusals import Refusal
from infra.desk.desk import Commands
from infra.desk.port import DeskUnavailableError, Done
from services.problem_details import Problem, answer, urn
from services.token_guard import StrangerError, check_sender

COMMANDS_PATH = "/v1/desk/commands"
MOST_BYTES = 64 * 1024

CommandAnswer = Done | Refusal

logger = structlog.get_logger()
_command: msgspec.json.Decoder[PeoplesCommand] = msgspec.json.Decoder(PeoplesCommand)


def desk_router(desk: Commands, token: str) -> APIRouter:
    """Return the route of a terminal's commands on tasks."""
    router = APIRouter()
    endpoint = _endpoint(desk, token.encode())
    router.add_api_route(COMMANDS_PATH, endpoint, methods=["POST"], include_in_schema=False)
    return router


def _endpoint(desk: Commands, token: bytes) -> Callable[[Request], Awaitable[Response]]:
    async def execute(request: Request) -> Response:
        try:
            check_sender(request, token)
            if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
                return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "64 KB at most")
            command = _command.decode(await request.body())
            about = msgspec.structs.replace(command.about, now=await desk.now())
            answered = await desk.execute(msgspec.structs.replace(command, about=about))
        except StrangerError as error:
            return _refused(HTTPStatus.FORBIDDEN, "not-allowed", str(error))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            return _refused(HTTPStatus.BAD_REQUEST, "malformed", str(error))
        except DeskUnavailableError as error:
            logger.exception("the desk cannot write", reason=str(error))
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "desk-unavailable", str(error))
        return Response(msgspec.json.encode(answered), media_type="application/json")

    return execute


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
