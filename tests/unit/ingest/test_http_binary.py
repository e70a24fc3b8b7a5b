"""Binary mode: attributes are read from ``ce-`` headers, and each that is wrong is named."""

import datetime

import pytest

from events.envelope import CloudEvent
from services.ingest.door import Refusal, RefusalReason
from services.ingest.http_binary import header_named, read_binary
from services.ingest.intake import Unreadable
from tests.unit.ingest.door_given import USAGE

HEADERS = {
    b"ce-specversion": b"1.0",
    b"ce-id": b"u-1",
    b"ce-source": b"billing",
    b"ce-type": b"crm.usage.recorded.v1",
    b"ce-time": b"2026-03-14T09:26:53Z",
}


def read(**changes: bytes) -> CloudEvent | Unreadable:
    changed = {f"ce-{name}".encode(): value for name, value in changes.items()}
    return read_binary(list((HEADERS | changed).items()), USAGE)


def unreadable(**changes: bytes) -> Unreadable:
    arrival = read(**changes)
    assert isinstance(arrival, Unreadable)
    return arrival


def test_attributes_come_from_headers_and_data_from_the_body() -> None:
    arrival = read()

    assert isinstance(arrival, CloudEvent)
    assert (arrival.id, arrival.source) == ("u-1", "billing")
    assert arrival.type == "crm.usage.recorded.v1"
    assert arrival.time == datetime.datetime(2026, 3, 14, 9, 26, 53, tzinfo=datetime.UTC)
    assert bytes(arrival.data) == USAGE


def test_other_headers_and_extension_attributes_are_left_alone() -> None:
    headers = [(b"host", b"localhost"), *HEADERS.items(), (b"ce-traceparent", b"00-4bf9-01")]

    assert isinstance(read_binary(headers, USAGE), CloudEvent)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001f600"),
        (b"caf%c3%a9", "caf\u00e9"),
        (b"100%25", "100%"),
        (b"%2525", "%25"),
        (b"50% off", "50% off"),
        (b'"quoted text"', "quoted text"),
        (b'"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'),
        (b'"caf%C3%A9"', "caf\u00e9"),
        (b"%22", '"'),
        ("caf\u00e9".encode(), "caf\u00e9"),
    ],
)
def test_a_header_is_unquoted_and_then_decoded_once(value: bytes, text: str) -> None:
    arrival = read(id=value)

    assert isinstance(arrival, CloudEvent)
    assert arrival.id == text


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = [(key, value) for key, value in HEADERS.items() if key != f"ce-{name}".encode()]

    arrival = read_binary(headers, USAGE)

    assert isinstance(arrival, Unreadable)
    assert header_named(arrival.refusal) == Refusal(
        RefusalReason.MISSING,
        f"ce-{name}",
        f"Object missing required field `{name}`",
        "send specversion, id, source, type, time and data",
    )


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("specversion", b"0.3", "Invalid enum value '0.3'"),
        ("specversion", b"2.0", "Invalid enum value '2.0'"),
        ("id", b"", "Expected `str` of length >= 1"),
        ("id", b"x" * 129, "Expected `str` of length <= 128"),
        ("source", b"%00", "Expected `str` matching regex "),
        ("source", b"shop%0A", "Expected `str` matching regex "),
        ("time", b"yesterday", "Invalid RFC3339 encoded datetime"),
        ("time", b"2026-03-14T09:26:53", "Expected `datetime` with a timezone component"),
        ("time", b"2026-02-30T09:26:53Z", "Invalid RFC3339 encoded datetime"),
    ],
)
def test_a_wrong_header_is_named(name: str, value: bytes, detail: str) -> None:
    refusal = header_named(unreadable(**{name: value}).refusal)

    assert (refusal.reason, refusal.field) == (RefusalReason.INVALID, f"ce-{name}")
    assert refusal.detail.startswith(detail)


def test_a_header_that_is_not_utf8_is_named() -> None:
    assert unreadable(source=b"%FF").refusal == Refusal(
        RefusalReason.MALFORMED,
        "ce-source",
        "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        "send each ce- header once, percent-encoded UTF-8",
    )


def test_a_header_that_stands_twice_is_refused_rather_than_chosen_from() -> None:
    arrival = read_binary([*HEADERS.items(), (b"ce-id", b"u-2")], USAGE)

    assert isinstance(arrival, Unreadable)
    assert arrival.refusal.field == "ce-id"
    assert arrival.refusal.detail == "the header stands twice"


def test_a_header_called_data_does_not_take_the_place_of_the_body() -> None:
    arrival = read(data=b"{}", data_base64=b"AA==")

    assert isinstance(arrival, CloudEvent)
    assert bytes(arrival.data) == USAGE


def test_what_could_be_read_of_a_wrong_event_names_it() -> None:
    arrival = unreadable(time=b"yesterday")

    assert (arrival.source, arrival.id) == ("billing", "u-1")


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("$.time", "ce-time"),
        ("$.type", "ce-type"),
        ("$.id", "ce-id"),
        ("$.data", "$.data"),
        ("$.data.quantity.value", "$.data.quantity.value"),
        ("$.data[0]", "$.data[0]"),
        ("content-type", "content-type"),
        ("ce-id", "ce-id"),
    ],
)
def test_the_header_is_named_where_a_refusal_names_the_attribute(field: str, named: str) -> None:
    refusal = Refusal(RefusalReason.INVALID, field, "wrong", "mend it")

    assert header_named(refusal).field == named
