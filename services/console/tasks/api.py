"""Tasks over REST: lists, one task, its history, and commands with the version that they are meant for."""

import re
from collections.abc import Callable, Coroutine
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.retention.task import RetentionTask, TaskState
from events.signals import SignalReason
from events.task_values import TaskId
from infra.desk.port import Done
from infra.desk.reading import InboxQuery
from infra.mendable import MendableError
from services.console.tasks import api_documents as documents
from services.console.tasks.acting import acting_as
from services.console.tasks.api_bodies import BODIES, Step, TaskList, fields_of
from services.console.tasks.api_problems import Kind, problem, refused, unreadable
from services.console.tasks.desk_calls import Asked, carry_out
from services.console.tasks.forms import Fields
from services.console.tasks.parts import TaskParts
from services.console.tasks.verbs import COMMANDS, Verb
from services.problem_details import RETRY_AFTER_SECONDS

ACTOR = "holdfast-manager"
MOST = 200
_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')

Choice = TypeVar("Choice", bound=StrEnum)
Handler = Callable[[Request], Coroutine[object, object, Response]]


class UnreadableError(Exception):
    """A parameter holds nothing that can be used."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class TaskApi(NamedTuple):
    """Makes the routes."""

    parts: TaskParts

    def router(self) -> APIRouter:
        """Return the routes; they stand in the OpenAPI document."""
        router = APIRouter(prefix="/v1")
        get = documents.READS
        for path, handler in (
            ("/tasks", self.tasks),
            ("/tasks/{task_id}", self.task),
            ("/tasks/{task_id}/history", self.history),
        ):
            router.add_api_route(path, answering(handler), methods=["GET"], **get[path])
        for verb in Verb:
            router.add_api_route(
                f"/tasks/{{task_id}}/{verb.value}",
                answering(self._command(verb)),
                methods=["POST"],
                **documents.command(verb, BODIES[verb]),
            )
        return router

    async def tasks(self, request: Request) -> Response:
        """List tasks."""
        page = await self.parts.reader.inbox(_query(request))
        after = None if page.next is None else "~".join(map(str, page.next))
        return _json(TaskList(page.tasks, after))

    async def task(self, request: Request) -> Response:
        """Show a task."""
        found = await self.parts.reader.task(_task_id(request))
        return _unknown() if found is None else _shown(found)

    async def history(self, request: Request) -> Response:
        """Show what happened to a task."""
        steps = await self.parts.reader.history(_task_id(request))
        return _json([Step.of(step) for step in steps]) if steps else _unknown()

    def _command(self, verb: Verb) -> Handler:
        async def command(request: Request) -> Response:
            acting = acting_as(request.headers.get(ACTOR), await self.parts.reader.managers())
            if acting is None:
                return _nobody()
            if "if-match" not in request.headers:
                return _unconditional()
            fields = _fields(verb, await request.body())
            asked = Asked(
                _task_id(request),
                verb,
                _version(request),
                request.headers.get("idempotency-key", ""),
            )
            answer = await carry_out(self.parts, asked, acting.actor(COMMANDS[verb]), fields)
            return _shown(answer.task) if isinstance(answer, Done) else refused(answer)

        return command


def answering(handler: Handler) -> Handler:
    """Return a handler that answers what cannot be read, and a store that does not answer."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except UnreadableError as error:
            return unreadable(error.field, str(error))
        except MendableError as error:
            kind = Kind(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "$", "send it again later")
            answer = problem(kind, str(error))
            answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
            return answer

    return answered


def _query(request: Request) -> InboxQuery:
    said = request.query_params
    state = _choice("state", TaskState, said.get("state"))
    states = InboxQuery().states if state is None else (state,)
    limit = said.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST):
        raise UnreadableError("limit", f"a whole number from 1 to {MOST}")
    return InboxQuery(
        manager=said.get("manager") or None,
        states=states,
        reason=_choice("reason", SignalReason, said.get("reason")),
        search=said.get("search", "")[:100].replace("\0", ""),
        after=_after(said.get("after")),
        limit=int(limit),
    )


def _choice(name: str, choices: type[Choice], said: str | None) -> Choice | None:
    if said is None:
        return None
    found = next((choice for choice in choices if choice.value == said), None)
    if found is None:
        raise UnreadableError(name, f"one of {', '.join(choices)}")
    return found


def _after(said: str | None) -> tuple[int, int, str] | None:
    if said is None:
        return None
    found = re.fullmatch(r"(-?[0-9]{1,17})~(-?[0-9]{1,17})~([0-9a-f-]{1,40})", said, re.ASCII)
    if found is None:
        raise UnreadableError("after", "what `next` of the page before says")
    return int(found[1]), int(found[2]), found[3]


def _task_id(request: Request) -> TaskId:
    return TaskId(str(request.path_params["task_id"]).replace("\0", ""))


def _version(request: Request) -> int | None:
    said = request.headers["if-match"].strip()
    if said == "*":
        return None
    found = _ETAG.fullmatch(said)
    if found is None:
        raise UnreadableError("If-Match", 'the ETag of the task, such as "3", or *')
    return int(found[1])


def _fields(verb: Verb, body: bytes) -> Fields:
    try:
        return fields_of(verb, body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableError("$", str(error)) from error


def _shown(task: RetentionTask) -> Response:
    answer = _json(task)
    answer.headers["etag"] = f'"{task.version}"'
    return answer


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _unknown() -> Response:
    kind = Kind(HTTPStatus.NOT_FOUND, "unknown-task", "$", "list tasks")
    return problem(kind, "there is no such task")


def _nobody() -> Response:
    kind = Kind(
        HTTPStatus.FORBIDDEN, "unknown-actor", "Holdfast-Manager", "name one of the managers' file"
    )
    return problem(kind, "the header Holdfast-Manager says who commands; this names nobody")


def _unconditional() -> Response:
    kind = Kind(
        HTTPStatus.PRECONDITION_REQUIRED,
        "version-missing",
        "If-Match",
        "send the task's ETag, or *",
    )
    return problem(kind, "the header If-Match says which version the command is meant for")
