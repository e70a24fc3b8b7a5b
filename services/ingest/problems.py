"""What went wrong with an event, as problem details."""

from http import HTTPStatus

from starlette.responses import Response

from services.ingest.door import Refusal, RefusalReason
from services.ingest.http_body import WAITED_FOR
from services.ingest.intake import Refused
from services.ingest.lingering import LingeringResponse
from services.problem_details import Problem, answer, urn

_KINDS: dict[RefusalReason, tuple[HTTPStatus, str]] = {
    RefusalReason.MALFORMED: (HTTPStatus.BAD_REQUEST, "The request cannot be read"),
    RefusalReason.MISSING: (HTTPStatus.BAD_REQUEST, "An attribute of the event is missing"),
    RefusalReason.MEDIA_TYPE: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Only JSON is read here"),
    RefusalReason.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large"),
    RefusalReason.TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "The request came too slowly"),
    RefusalReason.UNKNOWN_TYPE: (HTTPStatus.UNPROCESSABLE_ENTITY, "The event type is not known"),
    RefusalReason.INVALID: (HTTPStatus.UNPROCESSABLE_ENTITY, "A field is wrong"),
    RefusalReason.WRONG_CURRENCY: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The log keeps another currency",
    ),
    RefusalReason.FUTURE: (HTTPStatus.UNPROCESSABLE_ENTITY, "The time has not come"),
    RefusalReason.TOO_LATE: (HTTPStatus.UNPROCESSABLE_ENTITY, "The event comes too late"),
    RefusalReason.TOO_OLD: (HTTPStatus.UNPROCESSABLE_ENTITY, "The time lies too far back"),
    RefusalReason.CONFLICT: (HTTPStatus.CONFLICT, "Another event has this source and id"),
}


def problem_of(refused: Refused) -> Problem:
    """Return the problem that a refused event has."""
    refusal = refused.refusal
    status, title = _KINDS[refusal.reason]
    return Problem(
        type=urn(refusal.reason),
        title=title,
        status=status,
        detail=refusal.detail,
        field=refusal.field,
        reason=refusal.reason,
        mend=refusal.mend,
        dead_letter=refused.dead_letter,
    )


def suspended(import_id: str) -> Problem:
    """Return the problem while an import has the log for itself."""
    return Problem(
        type=urn("suspended"),
        title="An import has the log for itself",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail=f"import {import_id} is under way and nothing else is let in",
        field="$",
        reason="suspended",
        mend="send the request again after the time in Retry-After",
    )


def log_unavailable() -> Problem:
    """Return the problem where the log cannot write; what went wrong is for the server's own log."""
    return Problem(
        type=urn("log-unavailable"),
        title="The log cannot write",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail="nothing of the request became a fact",
        field="$",
        reason="log-unavailable",
        mend="send the request again after the time in Retry-After",
    )


def answer_standing_by(why: str) -> Response:
    """Return the problem while this process does not write the log.

    The connection ends: a balancer that ties a connection to one process then finds another.
    """
    told = answer(
        Problem(
            type=urn("stand-by"),
            title="This process stands by",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            detail=f"nothing of the request became a fact: {why}",
            field="$",
            reason="stand-by",
            mend="send the request to the process that writes, or again after the time in Retry-After",
        )
    )
    told.headers["connection"] = "close"
    return told


def answer_unread(refusal: Refusal) -> Response:
    """Return a problem found before the body was read; the connection ends, since the body may not."""
    told = answer(problem_of(Refused(refusal)))
    told.headers["connection"] = "close"
    if refusal in WAITED_FOR:
        return told
    return LingeringResponse(
        bytes(told.body), told.status_code, dict(told.headers), told.media_type
    )
