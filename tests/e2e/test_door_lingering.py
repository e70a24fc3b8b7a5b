"""A sender whose body is refused unread hears why, however much it goes on sending."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from starlette.types import Message

from services.ingest.lingering import MOST_FORGOTTEN_BYTES, LingeringResponse
from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import StandingClock

HEAD = (
    b"POST /v1/events HTTP/1.1\r\nhost: door\r\n"
    b"content-type: application/cloudevents+json\r\ncontent-length: 20000000\r\n\r\n"
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoorServer]:
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    with running_door(tmp_path_factory.mktemp("door"), clock) as running:
        yield running


def test_who_sends_on_before_it_listens_still_hears_the_answer(door: DoorServer) -> None:
    with socket.create_connection(door.address, 10) as client:
        client.sendall(HEAD)
        for _ in range(100):
            client.sendall(b" " * 100_000)  # a reset would break this off
        answer = client.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the body is longer than 1048576 bytes" in answer


def test_who_sends_nothing_more_is_waited_for_no_longer_than_a_moment(door: DoorServer) -> None:
    begun = time.monotonic()
    with socket.create_connection(door.address, 10) as client:
        client.sendall(HEAD)
        said = b"".join(iter(lambda: client.recv(65_536), b""))

    assert said.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - begun < 10, "the connection was ended, not left to time out"


@pytest.mark.parametrize(
    ("messages", "taken"),
    [
        ([{"type": "http.request", "body": b"x", "more_body": False}], 1),
        ([{"type": "http.disconnect"}], 1),
        (
            [{"type": "http.request", "body": b"x", "more_body": True}] * 3
            + [{"type": "http.disconnect"}],
            4,
        ),
        (
            [
                {
                    "type": "http.request",
                    "body": b" " * (MOST_FORGOTTEN_BYTES // 2),
                    "more_body": True,
                }
            ]
            * 9,
            2,
        ),
    ],
    ids=["the body ends", "the sender leaves", "more comes", "too much comes"],
)
def test_the_rest_of_a_body_is_forgotten_until(messages: list[Message], taken: int) -> None:
    waiting, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(LingeringResponse(b"no", 413)({"type": "http"}, receive, send))

    assert len(messages) - len(waiting) == taken
    assert [message["type"] for message in sent] == [
        "http.response.start",
        *["http.response.body"] * 2,
    ]
    assert [message.get("more_body") for message in sent[1:]] == [True, False]
    assert sent[1]["body"] == b"no"
