"""What a sender is told when its events were judged: 202 only where every one of them stands."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import assert_never

import msgspec
from starlette.responses import Response

from infra.log.records import Appended, Duplicate, Suspended
from services.ingest.intake import Arrival, Refused, Result
from services.ingest.problems import problem_of, suspended
from services.problem_details import PROBLEM_TYPE, Problem, answer, urn


class EventStatus(StrEnum):
    """What became of one event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class EventResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the event at ``index`` of a batch; id and source as far as they could be read."""

    index: int
    id: str
    source: str
    status: EventStatus
    problem: Problem | None = None


class BatchAccepted(msgspec.Struct, frozen=True):
    """Every event of the batch stands in the log."""

    accepted: int
    duplicate: int
    results: list[EventResult]


class BatchProblem(msgspec.Struct, frozen=True):
    """Problem details of a batch: what was refused, while all the rest stands in the log."""

    type: str
    title: str
    status: int
    detail: str
    mend: str
    accepted: int
    duplicate: int
    refused: int
    results: list[EventResult]


class SingleAccepted(msgspec.Struct, frozen=True):
    """The event stands in the log, since now (accepted) or since before (duplicate)."""

    status: EventStatus


def _prebuilt(status: EventStatus) -> Response:
    body = msgspec.json.encode(SingleAccepted(status))
    return Response(body, HTTPStatus.ACCEPTED, media_type="application/json")


_ACCEPTED = _prebuilt(EventStatus.ACCEPTED)
_DUPLICATE = _prebuilt(EventStatus.DUPLICATE)


def answer_single(result: Result) -> Response:
    """Return the answer to a request that held one event."""
    match result:
        case Appended():
            return _ACCEPTED
        case Duplicate():
            return _DUPLICATE
        case Refused():
            return answer(problem_of(result))
        case Suspended(import_id=import_id):
            return answer(suspended(import_id))
        case _ as never:
            assert_never(never)


def answer_batch(arrivals: Sequence[Arrival], results: Sequence[Result]) -> Response:
    """Return the answer to a batch: 202, or 422 with the same list as soon as one was refused."""
    listed: list[EventResult] = []
    for index, (arrival, result) in enumerate(zip(arrivals, results, strict=True)):
        if isinstance(result, Suspended):
            return answer(suspended(result.import_id))
        listed.append(_listed(index, arrival, result))
    accepted = _count(listed, EventStatus.ACCEPTED)
    duplicate = _count(listed, EventStatus.DUPLICATE)
    refused = len(listed) - accepted - duplicate
    if refused == 0:
        body = msgspec.json.encode(BatchAccepted(accepted, duplicate, listed))
        return Response(body, HTTPStatus.ACCEPTED, media_type="application/json")
    problem = BatchProblem(
        type=urn("batch"),
        title="Some events of the batch were refused",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail=f"{refused} of {len(listed)} events were refused; the others stand in the log",
        mend="mend the refused events, told by index in results; sending the others again does no harm",
        accepted=accepted,
        duplicate=duplicate,
        refused=refused,
        results=listed,
    )
    return Response(msgspec.json.encode(problem), problem.status, media_type=PROBLEM_TYPE)


def _listed(index: int, arrival: Arrival, result: Appended | Duplicate | Refused) -> EventResult:
    if isinstance(result, Refused):
        problem = problem_of(result)
        return EventResult(index, arrival.id, arrival.source, EventStatus.REFUSED, problem)
    status = EventStatus.ACCEPTED if isinstance(result, Appended) else EventStatus.DUPLICATE
    return EventResult(index, arrival.id, arrival.source, status)


def _count(listed: Sequence[EventResult], status: EventStatus) -> int:
    return sum(1 for result in listed if result.status is status)
