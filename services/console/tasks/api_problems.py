"""Refusals as problem details: which status, which stable reason, and what to do."""

from http import HTTPStatus
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from domain.retention import refusals
from domain.retention.refusals import Refusal
from domain.retention.task import RetentionTask
from infra.messages.language import Language
from services.console.tasks.forms import Unreadable
from services.console.tasks.task_words import TaskWords
from services.console.words import Words
from services.problem_details import PROBLEM_TYPE, Problem, urn


class TaskProblem(Problem, frozen=True, omit_defaults=True):
    """A problem with a task; ``current`` is how the task stands now, where that is why."""

    current: RetentionTask | None = None


class Kind(NamedTuple):
    """The status of a refusal, its stable reason, the field that is meant, and how to mend it."""

    status: HTTPStatus
    reason: str
    field: str
    mend: str


_AGAIN = "read the task again, and decide on what it says now"
_OTHER = "choose another"
KINDS: dict[type, Kind] = {
    refusals.UnknownTask: Kind(HTTPStatus.NOT_FOUND, "unknown-task", "$", "list tasks"),
    refusals.StaleVersion: Kind(
        HTTPStatus.PRECONDITION_FAILED, "stale-version", "If-Match", _AGAIN
    ),
    refusals.WrongState: Kind(HTTPStatus.CONFLICT, "wrong-state", "$", _AGAIN),
    refusals.NotYours: Kind(HTTPStatus.FORBIDDEN, "not-yours", "Holdfast-Manager", _AGAIN),
    refusals.NotAllowed: Kind(
        HTTPStatus.FORBIDDEN, "not-allowed", "Holdfast-Manager", "ask somebody who may"
    ),
    refusals.ReasonMissing: Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "reason-missing", "$", "say what is missing"
    ),
    refusals.ContactMissing: Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "contact-missing", "outcome", "log a contact first"
    ),
    refusals.OutcomeNotYours: Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "outcome-not-yours", "outcome", _OTHER
    ),
    refusals.AlreadyOpen: Kind(HTTPStatus.CONFLICT, "already-open", "$", "work on the open one"),
    refusals.NoCapacity: Kind(
        HTTPStatus.CONFLICT, "no-capacity", "manager", "close a task, or choose another manager"
    ),
    refusals.UnknownManager: Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-manager", "manager", _OTHER
    ),
    refusals.OnLeave: Kind(HTTPStatus.CONFLICT, "on-leave", "manager", _OTHER),
    refusals.TooLate: Kind(HTTPStatus.CONFLICT, "too-late", "$", "wait for a new signal"),
    refusals.TooEarly: Kind(HTTPStatus.CONFLICT, "too-early", "$", "wait"),
    refusals.BadDate: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-date", "until", _OTHER),
    refusals.KeyUsedBefore: Kind(
        HTTPStatus.CONFLICT,
        "key-used-before",
        "Idempotency-Key",
        "give every command a key of its own",
    ),
    refusals.ChangedMeanwhile: Kind(
        HTTPStatus.CONFLICT, "changed-meanwhile", "$", "send the command again"
    ),
}

_ENGLISH = TaskWords(Words(Language.ENGLISH, ZoneInfo("UTC")))


def refused(refusal: Refusal | Unreadable) -> Response:
    """Return a refusal as an answer."""
    if isinstance(refusal, Unreadable):
        return unreadable(refusal.field, "this field cannot be read")
    current = refusal.task if isinstance(refusal, refusals.StaleVersion) else None
    return problem(KINDS[type(refusal)], _ENGLISH.refusal(refusal), current)


def unreadable(field: str, detail: str) -> Response:
    """Return what is wrong with a request that cannot be read."""
    kind = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", field, "see the OpenAPI document")
    return problem(kind, detail)


def problem(kind: Kind, detail: str, current: RetentionTask | None = None) -> Response:
    """Return a problem as an answer."""
    found = TaskProblem(
        type=urn(kind.reason),
        title=kind.reason.replace("-", " "),
        status=kind.status,
        detail=detail,
        field=kind.field,
        reason=kind.reason,
        mend=kind.mend,
        current=current,
    )
    return Response(msgspec.json.encode(found), kind.status, media_type=PROBLEM_TYPE)
