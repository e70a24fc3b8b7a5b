"""How the routes of tasks stand in the OpenAPI document."""

from typing import TypedDict

from domain.retention.task import RetentionTask, TaskState
from events.signals import SignalReason
from services.console.tasks.api_bodies import Body, Nothing, Step, TaskList
from services.console.tasks.api_problems import TaskProblem
from services.console.tasks.verbs import Verb
from services.open_api import Schema, answered, schema_of, unavailable

PROBLEM = schema_of(TaskProblem)
JSON = "application/json"
_TASK = schema_of(RetentionTask)


class Route(TypedDict):
    """What FastAPI is told of a route."""

    summary: str
    description: str
    operation_id: str
    responses: dict[int | str, Schema]
    openapi_extra: Schema


def _parameter(
    name: str, place: str, schema: Schema, said: str, *, required: bool = False
) -> Schema:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": said,
        "schema": schema,
    }


_TEXT: Schema = {"type": "string"}
_TASK_ID = _parameter("task_id", "path", _TEXT, "Id of the task.", required=True)
_ETAG: Schema = {
    "ETag": {"description": "The task's version, for If-Match.", "required": True, "schema": _TEXT}
}
_ONE = answered("The task as it stands.", _TASK, media_type=JSON) | {"headers": _ETAG}
_UNKNOWN = answered("There is no such task.", PROBLEM)
_AWAY = unavailable("The desk's store does not answer.")
_MISREAD = answered("The request cannot be read.", PROBLEM)

READS: dict[str, Route] = {
    "/tasks": Route(
        summary="List tasks",
        description="Open tasks unless a state is asked for, by due date within four working hours,"
        " then by value. `next` of a page is `after` of the following one.",
        operation_id="list_tasks",
        responses={
            200: answered("A page.", schema_of(TaskList), media_type=JSON),
            422: _MISREAD,
            503: _AWAY,
        },
        openapi_extra={
            "parameters": [
                _parameter("manager", "query", _TEXT, "Of this manager only."),
                _parameter("state", "query", {"enum": list(TaskState)}, "In this state only."),
                _parameter(
                    "reason", "query", {"enum": list(SignalReason)}, "For this reason only."
                ),
                _parameter(
                    "search",
                    "query",
                    _TEXT,
                    "How the account's, a customer's or the task's id begins.",
                ),
                _parameter("after", "query", _TEXT, "What `next` of the page before says."),
                _parameter(
                    "limit",
                    "query",
                    {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
                    "How many at most.",
                ),
            ]
        },
    ),
    "/tasks/{task_id}": Route(
        summary="Show a task",
        description="The task as it stands; its version is the ETag.",
        operation_id="show_task",
        responses={200: _ONE, 404: _UNKNOWN, 503: _AWAY},
        openapi_extra={"parameters": [_TASK_ID]},
    ),
    "/tasks/{task_id}/history": Route(
        summary="Show what happened to a task",
        description="Every step, oldest first, as it was published on crm.tasks.",
        operation_id="show_history",
        responses={
            200: answered("The steps.", schema_of(tuple[Step, ...]), media_type=JSON),
            404: _UNKNOWN,
            503: _AWAY,
        },
        openapi_extra={"parameters": [_TASK_ID]},
    ),
}

WHY_NOT = Route(
    summary="Tell why an account has a task, or none",
    description="Of each of its customers: open tasks, the last decisions on its signals with every gate,"
    " the value found and the one needed, whether it waits in line, and all of it in words. A customer"
    " without an account is its own. Also of who never had a signal: then the words say how it stands.",
    operation_id="why_not",
    responses={
        200: answered("What was decided.", {"type": "object"}, media_type=JSON),
        404: answered("No customer of such an account is known.", PROBLEM),
        503: _AWAY,
    },
    openapi_extra={
        "parameters": [_parameter("account", "path", _TEXT, "As facts name it.", required=True)]
    },
)
_HEADERS = [
    _parameter(
        "Holdfast-Manager",
        "header",
        _TEXT,
        "Who commands: a code of the managers' file. A sign-in will take its place.",
        required=True,
    ),
    _parameter(
        "If-Match",
        "header",
        _TEXT,
        "The version that the command is meant for, the task's ETag; `*` for whatever it is.",
        required=True,
    ),
    _parameter(
        "Idempotency-Key",
        "header",
        _TEXT,
        "The same key with the same command again is answered as the first time.",
    ),
]


def command(verb: Verb, body: type[Body]) -> Route:
    """Return how a command stands in the document."""
    return Route(
        summary=f"{verb.value.capitalize()} a task",
        description=(body.__doc__ or "").strip(),
        operation_id=f"{verb.value}_task",
        responses={
            200: _ONE,
            403: answered("Whoever commands may not do this.", PROBLEM),
            404: _UNKNOWN,
            409: answered("The task, a manager or the key is not as it must be.", PROBLEM),
            412: answered("Something happened since; `current` is the task as it is.", PROBLEM),
            413: answered("The body is too large.", PROBLEM),
            422: _MISREAD,
            428: answered("If-Match is missing.", PROBLEM),
            503: _AWAY,
        },
        openapi_extra={
            "parameters": [_TASK_ID, *_HEADERS],
            "requestBody": {
                "required": body is not Nothing,
                "content": {JSON: {"schema": schema_of(body)}},
            },
        },
    )
