"""Every message ends in the log or among the letters, whatever the door answers on the way."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from infra.health.board import HealthBoard
from infra.log.records import DeadLetter
from services.ingest.from_kafka import forwarding
from services.ingest.from_kafka.forwarding import DoorAnswerError, Forwarding
from services.ingest.from_kafka.messages import Message
from tests.support.world import StoppedClock, awaited
from tests.unit.ingest.from_kafka.test_messages import binary

Answering = Callable[[httpx.Request], httpx.Response]


class Letters:
    """Keeps letters in a list."""

    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []

    async def bury(self, letters: object) -> None:
        self.kept += letters  # type: ignore[arg-type]  # a list of letters


class WatchedBoard(HealthBoard):
    """Lets a test await that somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = asyncio.Event()

    def waits(self, part: str, reason: str) -> None:
        super().waits(part, reason)
        self.waiting.set()


def accepted(request: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json={"results": [{"index": 0}]})


async def forwarded(answer: Answering, *messages: Message) -> tuple[list[DeadLetter], HealthBoard]:
    letters, board = Letters(), HealthBoard()
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        await Forwarding(client, letters, board, StoppedClock()).forward(messages)
    return letters.kept, board


@awaited
async def test_what_the_door_takes_leaves_no_letter() -> None:
    letters, board = await forwarded(accepted, binary())

    assert letters == []
    assert board.report().ready


@awaited
async def test_what_the_door_refuses_is_kept_with_the_doors_own_reason() -> None:
    problem = {
        "type": "urn:holdfast:problem:invalid",
        "title": "A field is wrong",
        "status": 422,
        "detail": "expected `str`",
        "field": "$.data.service",
        "reason": "invalid",
        "mend": "see the schema",
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            422, json={"results": [{"index": 0}, {"index": 1, "problem": problem}]}
        )

    (letter,), _ = await forwarded(answer, binary(id="1"), binary(id="2"))

    assert (letter.reason, letter.detail, letter.mend) == (
        "invalid",
        "expected `str`",
        "see the schema",
    )
    assert letter.place.endswith("$.data.service")


@awaited
async def test_what_the_door_buried_itself_is_not_kept_twice() -> None:
    problem = {
        "type": "urn:holdfast:problem:too-late",
        "title": "The event comes too late",
        "status": 422,
        "detail": "100 days",
        "field": "$.time",
        "reason": "too-late",
        "mend": "import it",
        "dead_letter": "ab" * 16,
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"results": [{"index": 0, "problem": problem}]})

    letters, _ = await forwarded(answer, binary())

    assert letters == []


@awaited
async def test_a_message_that_cannot_be_read_does_not_reach_the_door() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    (letter,), _ = await forwarded(answer, Message("place", b"{", []))

    assert letter.body == b"{"


@awaited
async def test_a_door_that_is_away_or_suspended_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forwarding, "SECONDS_BETWEEN_ATTEMPTS", 0.0)
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        if len(seen) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(503) if len(seen) == 2 else accepted(request)

    letters, board = await forwarded(answer, binary())

    assert letters == []
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert board.report().parts == (), "where no event comes, nothing may seem to hang"


@awaited
async def test_while_it_waits_it_says_so() -> None:
    board = WatchedBoard()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text="stand-by")

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        going = asyncio.create_task(
            Forwarding(client, Letters(), board, StoppedClock()).forward([binary()])
        )
        await board.waiting.wait()
        going.cancel()

    assert board.report().parts[0].reason == "the door answers 503: stand-by"


@awaited
async def test_what_is_no_door_ends_it_with_what_to_look_at() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, text="nothing here")

    with pytest.raises(DoorAnswerError, match="HOLDFAST_INTAKE_DOOR"):
        await forwarded(answer, binary())
