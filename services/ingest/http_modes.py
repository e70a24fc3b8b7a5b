"""Which of the three CloudEvents content modes a request is in: its Content-Type tells."""

from enum import StrEnum
from functools import lru_cache

from services.ingest.door import Refusal, RefusalReason

STRUCTURED_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})

LONGEST_REMEMBERED = 128
"""A longer media type is judged anew each time: senders choose it, and must not fill our memory."""


class ContentMode(StrEnum):
    """How a request holds its events."""

    BINARY = "binary"  # attributes in ce- headers, data in the body
    STRUCTURED = "structured"  # one event, whole, in the body
    BATCH = "batch"  # an array of events in the body


def content_mode(content_type: bytes | None) -> ContentMode | Refusal:
    """Return the mode, or why nothing can be read from a body of this type."""
    if content_type is None:
        return _unsupported("content-type", "the request has no Content-Type")
    if len(content_type) > LONGEST_REMEMBERED:
        return _content_mode(content_type)
    return _remembered_content_mode(content_type)


def _content_mode(content_type: bytes) -> ContentMode | Refusal:
    media_type = content_type.decode("latin-1")
    if not is_json(media_type):
        return _unsupported("content-type", f"{media_type!r} is not JSON in UTF-8")
    essence = _essence(media_type)
    if essence == STRUCTURED_TYPE:
        return ContentMode.STRUCTURED
    if essence == BATCH_TYPE:
        return ContentMode.BATCH
    return ContentMode.BINARY


_remembered_content_mode = lru_cache(maxsize=256)(_content_mode)


def data_type_refusal(datacontenttype: str | None) -> Refusal | None:
    """Return why data of this declared type cannot be read, or None where it is JSON."""
    if datacontenttype is None or is_json(datacontenttype):
        return None
    return _unsupported("$.datacontenttype", f"{datacontenttype!r} is not JSON in UTF-8")


def is_json(media_type: str) -> bool:
    """Tell whether a media type is ``application/json`` or ends in ``+json``, and in UTF-8.

    >>> is_json("application/json; charset=utf-8"), is_json("text/plain")
    (True, False)
    """
    if len(media_type) > LONGEST_REMEMBERED:
        return _is_json(media_type)
    return _remembered_is_json(media_type)


def _is_json(media_type: str) -> bool:
    essence = _essence(media_type)
    if essence != "application/json" and not (essence.endswith("+json") and "/" in essence):
        return False
    return all(
        value.strip().strip('"').lower() in CHARSETS
        for name, _, value in (part.partition("=") for part in media_type.split(";")[1:])
        if name.strip().lower() == "charset"
    )


_remembered_is_json = lru_cache(maxsize=256)(_is_json)


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _unsupported(field: str, detail: str) -> Refusal:
    return Refusal(
        RefusalReason.MEDIA_TYPE,
        field,
        detail,
        f"send {STRUCTURED_TYPE}, {BATCH_TYPE}, or application/json with ce- headers",
    )
