"""The Content-Type of a request says how its events are held; anything else is refused."""

import gc
import tracemalloc

import pytest

from services.ingest.door import Refusal, RefusalReason
from services.ingest.http_modes import (
    STRUCTURED_TYPE,
    ContentMode,
    content_mode,
    data_type_refusal,
    is_json,
)


@pytest.mark.parametrize(
    ("content_type", "mode"),
    [
        (b"application/cloudevents+json", ContentMode.STRUCTURED),
        (b"application/cloudevents+json; charset=utf-8", ContentMode.STRUCTURED),
        (b'Application/CloudEvents+JSON;charset="UTF-8"', ContentMode.STRUCTURED),
        (b"application/cloudevents-batch+json", ContentMode.BATCH),
        (b"application/cloudevents-batch+json ; charset=utf8", ContentMode.BATCH),
        (b"application/json", ContentMode.BINARY),
        (b"application/json; charset=us-ascii", ContentMode.BINARY),
        (b"application/json; profile=x", ContentMode.BINARY),
        (b"application/vnd.shop.order+json", ContentMode.BINARY),
    ],
)
def test_json_in_utf8_is_read(content_type: bytes, mode: ContentMode) -> None:
    assert content_mode(content_type) is mode


@pytest.mark.parametrize(
    ("content_type", "detail"),
    [
        (None, "the request has no Content-Type"),
        (b"", "'' is not JSON in UTF-8"),
        (b"text/plain", "'text/plain' is not JSON in UTF-8"),
        (b"application/xml", "'application/xml' is not JSON in UTF-8"),
        (b"application/cloudevents+avro", "'application/cloudevents+avro' is not JSON in UTF-8"),
        (
            b"application/json; charset=latin-1",
            "'application/json; charset=latin-1' is not JSON in UTF-8",
        ),
        (
            b"application/cloudevents+json;charset=utf-16",
            "'application/cloudevents+json;charset=utf-16' is not JSON in UTF-8",
        ),
        (b"+json", "'+json' is not JSON in UTF-8"),
        (b"\xff\xfe", "'\xff\xfe' is not JSON in UTF-8"),
    ],
)
def test_anything_else_is_refused(content_type: bytes | None, detail: str) -> None:
    assert content_mode(content_type) == Refusal(
        RefusalReason.MEDIA_TYPE,
        "content-type",
        detail,
        "send application/cloudevents+json, application/cloudevents-batch+json,"
        " or application/json with ce- headers",
    )


def test_an_event_need_not_say_that_its_data_is_json() -> None:
    assert data_type_refusal(None) is None
    assert data_type_refusal("application/json") is None


@pytest.mark.parametrize("declared", ["text/xml", "application/octet-stream", "json", ""])
def test_data_declared_as_something_else_is_refused(declared: str) -> None:
    refusal = data_type_refusal(declared)

    assert refusal is not None
    assert (refusal.reason, refusal.field) == (RefusalReason.MEDIA_TYPE, "$.datacontenttype")
    assert repr(declared) in refusal.detail


def test_a_charset_is_judged_whatever_stands_around_it() -> None:
    assert is_json("application/json; a=b; CHARSET = utf-8; c=d")
    assert not is_json("application/json; a=b; CHARSET = koi8-r; c=d")


def held_after_judging(media_types: list[str]) -> int:
    """How many bytes are still held after each of these was judged, as data's and a request's type."""
    gc.collect()
    tracemalloc.start()
    try:
        while media_types:
            declared = media_types.pop()
            data_type_refusal(declared)
            content_mode(declared.encode())
            del declared
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("begin", ["text/", "application/json; a="])
def test_long_media_types_are_not_remembered(begin: str) -> None:
    length, number = 100_000, 100
    senders = (begin + str(index).rjust(length, "x") for index in range(number))

    assert held_after_judging(list(senders)) < length


def test_a_long_media_type_is_judged_as_a_short_one_is() -> None:
    filling = "; a=" + "x" * 1000

    assert is_json(f"application/json{filling}; charset=utf-8")
    assert not is_json(f"application/json{filling}; charset=koi8-r")
    assert content_mode(f"{STRUCTURED_TYPE}{filling}".encode()) is ContentMode.STRUCTURED
