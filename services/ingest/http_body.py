"""Reads a request's body up to a limit, and not a byte more than it must beyond it."""

from collections.abc import Awaitable, Callable, MutableMapping

from services.ingest.door import Refusal, RefusalReason

MAX_BODY_BYTES = 1024 * 1024

Message = MutableMapping[str, object]

TOO_LARGE = Refusal(
    RefusalReason.TOO_LARGE,
    "body",
    f"the body is longer than {MAX_BODY_BYTES} bytes",
    "send the events in several smaller requests",
)
CUT_OFF = Refusal(
    RefusalReason.MALFORMED,
    "body",
    "the connection ended before the body did",
    "send the request again",
)


async def read_body(
    content_length: bytes | None, receive: Callable[[], Awaitable[Message]]
) -> bytes | Refusal:
    """Return the body, or `TOO_LARGE` as soon as that is certain, with or without a declared length."""
    if content_length is not None and _exceeds_limit(content_length):
        return TOO_LARGE
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        return _within_limit(_chunk_of(message))
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        chunks.append(_chunk_of(message))
        size += len(chunks[-1])
        if size > MAX_BODY_BYTES:
            return TOO_LARGE
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()
    return CUT_OFF


def _exceeds_limit(content_length: bytes) -> bool:
    """Where the header is no number, counting the bytes that come decides."""
    return content_length.isdigit() and int(content_length[:20]) > MAX_BODY_BYTES


def _chunk_of(message: Message) -> bytes:
    chunk = message.get("body", b"")
    if not isinstance(chunk, bytes):
        raise TypeError("an ASGI server hands on bytes")
    return chunk


def _within_limit(body: bytes) -> bytes | Refusal:
    return TOO_LARGE if len(body) > MAX_BODY_BYTES else body
