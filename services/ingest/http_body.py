"""Reads a request's body up to a limit in bytes and in time, and not a byte more than it must."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping

import msgspec

from services.ingest.door import Refusal, RefusalReason

MAX_BODY_BYTES = 1024 * 1024
SECONDS_FOR_A_BODY = 60.0

Message = MutableMapping[str, object]

TOO_SLOW = Refusal(
    RefusalReason.TOO_SLOW,
    "body",
    "the body did not come in time",
    "send the request again, the whole of it within a minute",
)
CUT_OFF = Refusal(
    RefusalReason.MALFORMED,
    "body",
    "the connection ended before the body did",
    "send the request again",
)


WAITED_FOR = (TOO_SLOW, CUT_OFF)
"""Refusals of a body that did not come; of the others there may be more on its way."""


class BodyLimits(msgspec.Struct, frozen=True):
    """How long a body may be, and how many seconds it may take to come."""

    most_bytes: int = MAX_BODY_BYTES
    seconds: float = SECONDS_FOR_A_BODY

    def too_large(self) -> Refusal:
        """Return why a longer body is refused."""
        return Refusal(
            RefusalReason.TOO_LARGE,
            "body",
            f"the body is longer than {self.most_bytes} bytes",
            "send the events in several smaller requests",
        )


EVENT_LIMITS = BodyLimits()


async def read_body(
    content_length: bytes | None,
    receive: Callable[[], Awaitable[Message]],
    limits: BodyLimits = EVENT_LIMITS,
) -> bytes | Refusal:
    """Return the body, or that it is too large or too slow as soon as that is certain.

    A declared length is believed where it is too large; the bytes are counted all the same.
    """
    if content_length is not None and _exceeds(limits.most_bytes, content_length):
        return limits.too_large()
    try:
        async with asyncio.timeout(limits.seconds):
            return await _received(receive, limits)
    except TimeoutError:
        return TOO_SLOW
    except asyncio.CancelledError:  # a server that ends has waited for this body long enough
        return TOO_SLOW


async def _received(
    receive: Callable[[], Awaitable[Message]], limits: BodyLimits
) -> bytes | Refusal:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body = _chunk_of(message)
        return limits.too_large() if len(body) > limits.most_bytes else body
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        chunks.append(_chunk_of(message))
        size += len(chunks[-1])
        if size > limits.most_bytes:
            return limits.too_large()
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()
    return CUT_OFF


def _exceeds(most_bytes: int, content_length: bytes) -> bool:
    """Where the header is no number, counting the bytes that come decides."""
    return content_length.isdigit() and int(content_length[:20]) > most_bytes


def _chunk_of(message: Message) -> bytes:
    chunk = message.get("body", b"")
    if not isinstance(chunk, bytes):
        raise TypeError("an ASGI server hands on bytes")
    return chunk
