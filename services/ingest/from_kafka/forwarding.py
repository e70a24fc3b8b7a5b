"""Brings the messages of ``crm.intake`` to the door, and keeps what the door refuses."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

import httpx
import msgspec
import structlog

from events.envelope import CloudEvent
from infra.clock import Clock
from infra.health.board import HealthBoard
from infra.log.port import LogUnavailableError
from infra.log.records import DeadLetter
from infra.mendable import MendableError
from services.ingest.door import Refusal, RefusalReason
from services.ingest.from_kafka.messages import (
    MOST_BYTES,
    Message,
    dead_letter,
    event_in,
    structured,
)
from services.ingest.http_modes import BATCH_TYPE
from services.ingest.intake import Unreadable
from services.problem_details import Problem

SECONDS_BETWEEN_ATTEMPTS = 1.0
SECONDS_TO_ANSWER = 60.0
PART = "door"

logger = structlog.get_logger()


class DoorAnswerError(MendableError):
    """The door answered what no door of this release answers."""


class LetterKeeper(Protocol):
    """Keeps dead letters, as a log does."""

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Return once they are kept durably. Raises `LogUnavailableError`."""
        ...


class _Listed(msgspec.Struct, frozen=True):
    index: int
    problem: Problem | None = None


class _Answer(msgspec.Struct, frozen=True):
    results: list[_Listed]


class Forwarding:
    """Takes messages to the door, in their order, until each stands in the log or among the letters.

    Doing it again does no harm: what stands is told as a duplicate, and a letter is kept once.
    """

    def __init__(
        self, client: httpx.AsyncClient, letters: LetterKeeper, board: HealthBoard, clock: Clock
    ) -> None:
        self._client = client
        self._letters = letters
        self._board = board
        self._clock = clock

    async def forward(self, messages: Sequence[Message]) -> None:
        """Return once every message stands somewhere. Raises `DoorAnswerError`."""
        batch: list[tuple[Message, CloudEvent]] = []
        letters: list[DeadLetter] = []
        size = 0
        for message in messages:
            arrival = event_in(message)
            if isinstance(arrival, Unreadable):
                letters.append(self._letter(message, arrival.refusal, arrival.source))
                continue
            if size + len(message.value) > MOST_BYTES:
                letters += await self._through_the_door(batch)
                batch, size = [], 0
            batch.append((message, arrival))
            size += len(message.value)
        if batch:
            letters += await self._through_the_door(batch)
        if letters:
            await self._keep(letters)
        self._board.leave(PART)  # at work it would seem to hang as soon as no event comes

    async def _through_the_door(
        self, batch: Sequence[tuple[Message, CloudEvent]]
    ) -> list[DeadLetter]:
        body = b"[" + b",".join(structured(event) for _, event in batch) + b"]"
        answer = await self._post(body)
        letters: list[DeadLetter] = []
        for result in answer.results:
            problem = result.problem
            if problem is None or problem.dead_letter is not None:
                continue  # it stands in the log, or the door has kept it itself
            message, event = batch[result.index]
            refusal = Refusal(
                RefusalReason(problem.reason), problem.field, problem.detail, problem.mend
            )
            letters.append(self._letter(message, refusal, event.source))
        return letters

    async def _post(self, body: bytes) -> _Answer:
        while True:
            try:
                answer = await self._client.post(
                    "/v1/events", content=body, headers={"content-type": BATCH_TYPE}
                )
            except httpx.TransportError as error:
                await self._wait(f"the door does not answer: {error!r}")
                continue
            if answer.status_code in {HTTPStatus.ACCEPTED, HTTPStatus.UNPROCESSABLE_ENTITY}:
                return msgspec.json.decode(answer.content, type=_Answer)
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise DoorAnswerError(
                    f"the door at {self._client.base_url} answers {answer.status_code}:"
                    f" {answer.text[:200]}; does HOLDFAST_INTAKE_DOOR name ingest of this release?"
                )
            await self._wait(f"the door answers {answer.status_code}: {answer.text[:200]}")

    async def _keep(self, letters: Sequence[DeadLetter]) -> None:
        while True:
            try:
                return await self._letters.bury(letters)
            except LogUnavailableError as error:
                await self._wait(str(error))

    async def _wait(self, reason: str) -> None:
        logger.warning("intake waits", reason=reason)
        self._board.waits(PART, reason)
        await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)

    def _letter(self, message: Message, refusal: Refusal, source: str) -> DeadLetter:
        return dead_letter(message, refusal, source, self._clock.now())
