"""Bodies that are too long are refused before they are read, whether their length is declared or not."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import StandingClock

HEAD = (
    b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cloudevents+json\r\n"
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoorServer]:
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    with running_door(tmp_path_factory.mktemp("door"), clock) as running:
        yield running


def answered(door: DoorServer, *pieces: bytes) -> bytes:
    """Send pieces and no more, then return all that the server says until it hangs up."""
    with socket.create_connection(door.address, timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        with suppress(ConnectionResetError):  # so ends a connection whose body was not read
            while piece := connection.recv(65536):
                received += piece
    return received


def test_a_declared_length_of_ten_megabytes_is_refused_before_a_byte_of_it(
    door: DoorServer,
) -> None:
    answer = answered(door, HEAD + b"content-length: 10000000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert b'"type":"urn:holdfast:problem:too-large"' in answer
    assert b'"detail":"the body is longer than 1048576 bytes"' in answer


def test_a_sender_that_asks_first_is_told_at_once(door: DoorServer) -> None:
    asking = HEAD + b"content-length: 10000000\r\nexpect: 100-continue\r\n\r\n"

    assert answered(door, asking).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_refused_once_it_is_too_long_though_it_has_not_ended(
    door: DoorServer,
) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"

    answer = answered(door, HEAD + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 17)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_ten_megabytes_gets_its_answer(door: DoorServer) -> None:
    answer = httpx.post(
        f"{door.url}/v1/events",
        content=b" " * 10_000_000,
        headers={"content-type": "application/cloudevents+json"},
    )

    assert answer.status_code == 413
    assert answer.json()["field"] == "body"


def test_a_body_of_exactly_one_mebibyte_is_read(door: DoorServer) -> None:
    event = (
        b'{"specversion":"1.0","id":"big-1","source":"billing","type":"crm.usage.recorded.v1",'
        b'"time":"2026-03-14T09:26:53Z","data":{"customer":{"system":"billing","key":"1"},'
        b'"service":"mobile-data","quantity":{"value":1,"unit":"GB"}}}'
    )

    answer = httpx.post(
        f"{door.url}/v1/events",
        content=event.ljust(1048576),
        headers={"content-type": "application/cloudevents+json"},
    )

    assert answer.status_code == 202


def test_a_wrong_content_type_is_refused_without_waiting_for_the_body(door: DoorServer) -> None:
    head = HEAD.replace(b"application/cloudevents+json", b"text/csv")

    answer = answered(door, head + b"content-length: 1000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 415 ")


def test_a_sender_that_hangs_up_leaves_nothing_behind(door: DoorServer) -> None:
    with socket.create_connection(door.address) as connection:
        connection.sendall(HEAD + b'content-length: 100\r\n\r\n{"specversion":')

    assert answered(door, b"GET /nowhere HTTP/1.1\r\nconnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 404 "
    )
