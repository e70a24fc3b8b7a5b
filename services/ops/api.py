"""What the serving process tells over HTTP: ``GET /v1/quality``."""

from http import HTTPStatus

import msgspec
import structlog
from fastapi import APIRouter, Response

from domain.learning.quality.report import QualityReport
from infra.folder import DataFolder
from infra.sqlite.connection import StoreError
from services.open_api import Schema, answered, schema_of, unavailable
from services.ops.freshness import NothingFolded
from services.ops.quality_desk import QualityDesk
from services.problem_details import Problem, answer, urn

QUALITY_PATH = "/v1/quality"

DESCRIPTION = """\
How good the scores of the standing projection were: each score as it was given when a customer's
snapshot was taken, against what became of the customer within 91 days. The figures are those of
`holdfast evaluate --json`, as of the last day that was closed, and are computed anew once a further
one is. A figure that too few labels give is null. Before the first label the answer is 200 all the
same: `labels` and `first_figure_on` say what there is and when figures come. 404 means that the
projection has not closed a day yet.
"""

RESPONSES: dict[int | str, Schema] = {
    200: answered(
        "The figures as of the last closed day.",
        schema_of(QualityReport),
        media_type="application/json",
    ),
    404: answered("No day was closed yet.", schema_of(Problem)),
    503: unavailable("The log cannot be read."),
}

logger = structlog.get_logger()


def quality_router(folder: DataFolder) -> APIRouter:
    """Return the route that tells how good the scores were; `DESCRIPTION` says what it promises."""
    router, desk = APIRouter(), QualityDesk(folder)

    async def quality() -> Response:
        try:
            found = await desk.report()
        except StoreError as error:
            logger.exception("the log cannot be read", reason=str(error))
            return answer(_log_unreadable())
        if isinstance(found, NothingFolded):
            return answer(_nothing_folded())
        return Response(msgspec.json.encode(found), media_type="application/json")

    router.add_api_route(
        QUALITY_PATH,
        quality,
        methods=["GET"],
        summary="How good the scores were",
        description=DESCRIPTION,
        operation_id="read_quality",
        response_class=Response,
        responses=RESPONSES,
    )
    return router


def _nothing_folded() -> Problem:
    return Problem(
        type=urn("nothing-folded"),
        title="Nothing can be measured yet",
        status=HTTPStatus.NOT_FOUND,
        detail="the standing projection has not closed a day yet",
        field="$",
        reason="nothing-folded",
        mend="send facts, and ask again once a day was opened and folded",
    )


def _log_unreadable() -> Problem:
    return Problem(
        type=urn("log-unreadable"),
        title="The log cannot be read",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail="what is wrong stands in the server's own log",
        field="$",
        reason="log-unreadable",
        mend="send the request again after the time in Retry-After",
    )
