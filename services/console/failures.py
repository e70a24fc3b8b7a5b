"""What a page says where it cannot be shown: what is wrong, and what to do."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from infra.mendable import MendableError
from services.console.pages import Pages
from services.problem_details import Problem, answer, urn

API = "/v1/"
"""Below it programs ask: they are answered by problem details."""

logger = structlog.get_logger()


def answer_failures(app: FastAPI, pages: Pages) -> None:
    """Let every failure end in a page."""

    async def mendable(request: Request, error: Exception) -> Response:
        logger.warning("a page could not be shown", path=request.url.path, reason=str(error))
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return pages.without_log(request, "failure.html", status, {"detail": str(error)})

    async def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        if request.url.path.startswith(API) and isinstance(error, HTTPException):
            return _problem(error)
        name = "missing.html" if status == HTTPStatus.NOT_FOUND else "failure.html"
        detail = HTTPStatus(status).phrase
        return pages.without_log(request, name, HTTPStatus(status), {"detail": detail})

    async def unforeseen(request: Request, error: Exception) -> Response:
        logger.error("a page failed", path=request.url.path, exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return pages.without_log(request, "failure.html", status, {"detail": None})

    app.add_exception_handler(MendableError, mendable)
    app.add_exception_handler(HTTPException, missing)
    app.add_exception_handler(Exception, unforeseen)


def _problem(error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    reason = status.phrase.lower().replace(" ", "-")
    found = Problem(
        type=urn(reason),
        title=status.phrase,
        status=status,
        detail=status.description or status.phrase,
        field="$",
        reason=reason,
        mend="see /v1/openapi.json",
    )
    told = answer(found)
    told.headers.update(error.headers or {})
    return told
