"""What went wrong, as problem details (RFC 9457) with types that never change."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 10


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details: what is wrong, in which field, and how to mend it."""

    type: str
    title: str
    status: int
    detail: str
    field: str
    reason: str
    mend: str
    dead_letter: str | None = None


def urn(reason: str) -> str:
    """Return the type of the problem that has this reason.

    >>> urn("invalid")
    'urn:holdfast:problem:invalid'
    """
    return f"urn:holdfast:problem:{reason}"


def answer(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(
        msgspec.json.encode(problem),
        problem.status,
        _headers(problem.status),
        media_type=PROBLEM_TYPE,
    )


def _headers(status: int) -> dict[str, str]:
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_AFTER_SECONDS)}
    return {}
