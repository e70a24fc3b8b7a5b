"""A body is read up to one mebibyte, and reading stops as soon as it is longer."""

import asyncio
from collections.abc import MutableMapping

import pytest

from services.ingest.door import Refusal
from services.ingest.http_body import (
    CUT_OFF,
    EVENT_LIMITS,
    MAX_BODY_BYTES,
    TOO_SLOW,
    BodyLimits,
    read_body,
)

TOO_LARGE = EVENT_LIMITS.too_large()


class Sender:
    """Hands out messages as an ASGI server does, and says how many were asked for."""

    def __init__(self, *chunks: bytes, cut_off: bool = False) -> None:
        self.asked = 0
        self._messages: list[MutableMapping[str, object]] = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ]
        if cut_off:
            self._messages.append({"type": "http.disconnect"})
        else:
            self._messages[-1]["more_body"] = False

    async def receive(self) -> MutableMapping[str, object]:
        self.asked += 1
        return self._messages[self.asked - 1]


def read(sender: Sender, content_length: bytes | None = None) -> bytes | Refusal:
    return asyncio.run(read_body(content_length, sender.receive))


def test_a_body_in_one_piece() -> None:
    assert read(Sender(b"{}"), b"2") == b"{}"


def test_a_body_in_pieces() -> None:
    assert read(Sender(b'{"a"', b"", b":1}")) == b'{"a":1}'


def test_an_empty_body() -> None:
    assert read(Sender(b"")) == b""


def test_a_server_may_leave_out_what_is_empty() -> None:
    async def receive() -> MutableMapping[str, object]:
        return {"type": "http.request"}

    assert asyncio.run(read_body(None, receive)) == b""


def test_a_body_of_exactly_one_mebibyte_is_read() -> None:
    body = b" " * MAX_BODY_BYTES

    assert read(Sender(body), b"1048576") == body
    assert read(Sender(body[:-1], b" ")) == body


def test_a_longer_body_is_refused_before_the_first_byte_where_its_length_is_declared() -> None:
    sender = Sender(b" " * 10_000_000)

    assert read(sender, b"1048577") == TOO_LARGE
    assert sender.asked == 0


@pytest.mark.parametrize("declared", [b"9" * 5000, b"10000000000000000000000"])
def test_a_declared_length_beyond_all_measure_is_refused(declared: bytes) -> None:
    assert read(Sender(b"{}"), declared) == TOO_LARGE


@pytest.mark.parametrize("declared", [b"", b"-1", b"many", b"1e9"])
def test_where_the_declared_length_is_no_number_the_bytes_are_counted(declared: bytes) -> None:
    assert read(Sender(b"{}"), declared) == b"{}"


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_long() -> None:
    sender = Sender(*[b" " * 65536] * 160)

    assert read(sender) == TOO_LARGE
    assert sender.asked == 17


def test_a_too_long_body_in_one_piece_is_refused() -> None:
    assert read(Sender(b" " * (MAX_BODY_BYTES + 1))) == TOO_LARGE


def test_a_body_cut_off_by_the_sender_is_refused() -> None:
    assert read(Sender(b'{"a"', cut_off=True)) == CUT_OFF
    assert read(Sender(cut_off=True)) == CUT_OFF


def test_what_is_not_bytes_is_the_servers_mistake() -> None:
    async def receive() -> MutableMapping[str, object]:
        return {"type": "http.request", "body": "text"}

    with pytest.raises(TypeError, match="bytes"):
        asyncio.run(read_body(None, receive))


class Stalled(Sender):
    """Hands out what it has, then keeps whoever reads waiting for ever."""

    def __init__(self, *chunks: bytes) -> None:
        super().__init__(*chunks, b"")
        self._messages.pop()
        self.stalls = asyncio.Event()

    async def receive(self) -> MutableMapping[str, object]:
        if self.asked == len(self._messages):
            self.stalls.set()
            await asyncio.Event().wait()
        return await super().receive()


@pytest.mark.parametrize("chunks", [(), (b'{"a"',), (b'{"a"', b":1")])
def test_a_body_that_does_not_come_in_time_is_refused(chunks: tuple[bytes, ...]) -> None:
    sender = Stalled(*chunks)

    assert asyncio.run(read_body(b"9", sender.receive, BodyLimits(seconds=0.01))) == TOO_SLOW


def test_a_body_still_awaited_when_the_server_ends_is_refused_as_too_slow() -> None:
    async def ending() -> bytes | Refusal:
        sender = Stalled(b"{")
        reading = asyncio.create_task(read_body(None, sender.receive))
        await sender.stalls.wait()
        reading.cancel()
        return await reading

    assert asyncio.run(ending()) == TOO_SLOW


def test_where_less_is_taken_the_limit_is_named() -> None:
    limits = BodyLimits(most_bytes=3)

    for declared, sender in ((b"4", Sender(b"1234")), (None, Sender(b"12", b"34"))):
        refusal = asyncio.run(read_body(declared, sender.receive, limits))
        assert isinstance(refusal, Refusal)
        assert refusal.detail == "the body is longer than 3 bytes"
    assert asyncio.run(read_body(None, Sender(b"123").receive, limits)) == b"123"
