"""Structured and batch mode: each event is read for itself, and what is wrong with it is named."""

import pytest

from events.envelope import CloudEvent
from services.ingest.door import Refusal, RefusalReason
from services.ingest.http_events import BASE64, EMPTY_BATCH, TOO_MANY, read_batch, read_structured
from services.ingest.intake import Arrival, Unreadable
from tests.unit.ingest.door_given import USAGE

EVENT = (
    b'{"specversion":"1.0","id":"u-1","source":"billing","type":"crm.usage.recorded.v1",'
    b'"time":"2026-03-14T09:26:53Z","data":' + USAGE + b"}"
)


def without(name: bytes) -> bytes:
    """The event under another member name."""
    return EVENT.replace(b'"' + name + b'":', b'"x-' + name + b'":', 1)


def refusal_of(body: bytes) -> Refusal:
    arrival = read_structured(body)
    assert isinstance(arrival, Unreadable)
    return arrival.refusal


def batch_of(body: bytes) -> list[Arrival]:
    arrivals = read_batch(body)
    assert isinstance(arrivals, list)
    return arrivals


def test_an_event_is_read() -> None:
    arrival = read_structured(EVENT)

    assert isinstance(arrival, CloudEvent)
    assert (arrival.source, arrival.id) == ("billing", "u-1")
    assert bytes(arrival.data) == USAGE


def test_extension_attributes_subject_and_dataschema_are_dropped() -> None:
    extended = EVENT[:-1] + b',"subject":"s","dataschema":"urn:x","traceparent":"00","n":{"a":[1]}}'

    assert isinstance(read_structured(extended), CloudEvent)


@pytest.mark.parametrize("declared", [b"application/json", b"application/vnd.shop+json"])
def test_data_declared_as_json_is_read(declared: bytes) -> None:
    assert isinstance(
        read_structured(EVENT[:-1] + b',"datacontenttype":"' + declared + b'"}'), CloudEvent
    )


def test_data_declared_as_something_else_is_refused() -> None:
    refusal = refusal_of(EVENT[:-1] + b',"datacontenttype":"text/xml"}')

    assert (refusal.reason, refusal.field) == (RefusalReason.MEDIA_TYPE, "$.datacontenttype")


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "data"])
def test_a_missing_attribute_is_named(name: str) -> None:
    assert refusal_of(without(name.encode())) == Refusal(
        RefusalReason.MISSING,
        f"$.{name}",
        f"Object missing required field `{name}`",
        "send specversion, id, source, type, time and data",
    )


@pytest.mark.parametrize(
    "body", [without(b"data")[:-1] + b',"data_base64":"AA=="}', EVENT[:-1] + b',"data_base64":1}']
)
def test_data_in_base64_is_refused_with_data_or_without(body: bytes) -> None:
    assert refusal_of(body) == BASE64


@pytest.mark.parametrize(
    ("old", "new", "field", "detail"),
    [
        (b'"1.0"', b'"0.3"', "$.specversion", "Invalid enum value '0.3'"),
        (b'"1.0"', b"1.0", "$.specversion", "Expected `str`, got `float`"),
        (b'"u-1"', b"1", "$.id", "Expected `str`, got `int`"),
        (b'"u-1"', b'""', "$.id", "Expected `str` of length >= 1"),
        (b'"billing"', b"null", "$.source", "Expected `str`, got `null`"),
        (b'"crm.usage.recorded.v1"', b"[]", "$.type", "Expected `str`, got `array`"),
        (b"53Z", b"53", "$.time", "Expected `datetime` with a timezone component"),
        (b"2026-03-14T09:26:53Z", b"", "$.time", "Invalid RFC3339 encoded datetime"),
        (b'"2026-03-14T09:26:53Z"', b"{}", "$.time", "Expected `datetime`, got `object`"),
    ],
)
def test_a_wrong_attribute_is_named(old: bytes, new: bytes, field: str, detail: str) -> None:
    refusal = refusal_of(EVENT.replace(old, new, 1))

    assert (refusal.reason, refusal.field) == (RefusalReason.INVALID, field)
    assert refusal.detail == detail


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"true"])
def test_what_is_no_object_is_no_event(body: bytes) -> None:
    refusal = refusal_of(body)

    assert (refusal.reason, refusal.field) == (RefusalReason.INVALID, "$")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "Input data was truncated"),
        (EVENT[:-5], "Input data was truncated"),
        (b"\x89PNG\r\n\x1a\n", "'utf-8' codec can't decode byte 0x89 in position 0"),
        (b"\x00", "JSON is malformed: invalid character (byte 0)"),
        (b"{'id':1}", "JSON is malformed: object keys must be strings (byte 1)"),
        (b"\xef\xbb\xbf" + EVENT, "JSON is malformed: invalid character (byte 0)"),
        (EVENT.replace(USAGE, b"NaN"), "JSON is malformed: invalid character"),
        (EVENT.replace(b"billing", b"\xff\xfe", 1), "'utf-8' codec can't decode byte 0xff"),
        (EVENT[:-1] + b',"note":"\xff"}', "'utf-8' codec can't decode byte 0xff"),
        (EVENT.replace(USAGE, b"[" * 100_000), "nested too deeply"),
        (EVENT[:-1] + b',"x":' + b'{"x":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_malformed(body: bytes, detail: str) -> None:
    refusal = refusal_of(body)

    assert (refusal.reason, refusal.field) == (RefusalReason.MALFORMED, "$")
    assert refusal.detail.startswith(detail)


def test_what_could_be_read_of_a_wrong_event_names_it() -> None:
    arrival = read_structured(EVENT.replace(b"53Z", b"53"))
    nameless = read_structured(EVENT.replace(b'"u-1"', b"7").replace(b'"billing"', b"[]", 1))

    assert isinstance(arrival, Unreadable)
    assert (arrival.source, arrival.id) == ("billing", "u-1")
    assert isinstance(nameless, Unreadable)
    assert (nameless.source, nameless.id) == ("", "")


def test_a_batch_is_read_in_order() -> None:
    arrivals = batch_of(b"[" + EVENT + b"," + EVENT.replace(b"u-1", b"u-2") + b"]")

    assert [arrival.id for arrival in arrivals] == ["u-1", "u-2"]


def test_a_wrong_event_of_a_batch_leaves_the_others_alone() -> None:
    arrivals = batch_of(b"[" + b",".join([EVENT, b"17", without(b"time"), EVENT]) + b"]")

    assert isinstance(arrivals[0], CloudEvent)
    assert isinstance(arrivals[1], Unreadable)
    assert arrivals[1].refusal.field == "$"
    assert isinstance(arrivals[2], Unreadable)
    assert arrivals[2].refusal.field == "$.time"
    assert isinstance(arrivals[3], CloudEvent)


def test_base64_in_a_batch_is_refused_for_that_event_alone() -> None:
    good, wrong = batch_of(b"[" + EVENT + b"," + EVENT[:-1] + b',"data_base64":"AA=="}]')

    assert isinstance(good, CloudEvent)
    assert wrong == Unreadable(BASE64, "billing", "u-1")


def test_an_empty_batch_is_refused() -> None:
    assert read_batch(b"[]") == EMPTY_BATCH


def test_a_batch_of_a_thousand_is_read_and_one_more_is_too_many() -> None:
    assert len(batch_of(b"[" + b",".join([EVENT] * 1000) + b"]")) == 1000
    assert read_batch(b"[" + b",".join([EVENT] * 1001) + b"]") == TOO_MANY
    assert read_batch(b"[" + b",".join([b"1"] * 1001) + b"]") == TOO_MANY


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        (EVENT, RefusalReason.INVALID, "Expected `array`, got `object`"),
        (b"", RefusalReason.MALFORMED, "Input data was truncated"),
        (b"[" + EVENT, RefusalReason.MALFORMED, "Input data was truncated"),
        (b"[" * 100_000, RefusalReason.MALFORMED, "nested too deeply"),
        (b'["\xff"]', RefusalReason.MALFORMED, "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_what_is_no_array_is_no_batch(body: bytes, reason: RefusalReason, detail: str) -> None:
    refusal = read_batch(body)

    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.field) == (reason, "$")
    assert refusal.detail.startswith(detail)
