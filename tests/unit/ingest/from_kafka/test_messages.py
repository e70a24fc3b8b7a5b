"""A message of crm.intake is read by the very code that reads requests; what cannot be is a letter."""

import json
from operator import attrgetter

import pytest

from events.envelope import CloudEvent
from services.ingest.door import Refusal, RefusalReason
from services.ingest.from_kafka.messages import (
    MOST_BYTES,
    Message,
    dead_letter,
    event_in,
    structured,
)
from services.ingest.http_events import read_batch
from services.ingest.intake import Unreadable

PLACE = "crm.intake partition 3 offset 7"
ATTRIBUTES = {
    "specversion": "1.0",
    "id": "1",
    "source": "/billing",
    "type": "crm.usage.recorded.v1",
    "time": "2011-01-26T12:00:00+00:00",
}
DATA = b'{"service":"voice"}'


def binary(value: bytes = DATA, **changed: str) -> Message:
    attributes = {**ATTRIBUTES, **changed}
    return Message(PLACE, value, [(f"ce_{name}", at.encode()) for name, at in attributes.items()])


def test_attributes_in_headers_and_data_in_the_value_make_an_event() -> None:
    event = event_in(binary())

    assert isinstance(event, CloudEvent)
    assert (event.source, event.id, bytes(event.data)) == ("/billing", "1", DATA)


def test_a_whole_event_in_the_value_makes_one_too() -> None:
    whole = json.dumps({**ATTRIBUTES, "data": {"service": "voice"}}).encode()
    headers = [("Content-Type", b"application/cloudevents+json; charset=UTF-8")]

    assert isinstance(event_in(Message(PLACE, whole, headers)), CloudEvent)


def test_what_is_sent_on_is_what_the_door_reads_from_a_batch() -> None:
    event = event_in(binary())
    assert isinstance(event, CloudEvent)

    read = read_batch(b"[" + structured(event) + b"]")

    assert not isinstance(read, Refusal)
    (again,) = read
    assert isinstance(again, CloudEvent)
    named = attrgetter("source", "id", "type", "time", "data", "datacontenttype")
    assert named(again) == named(event)


@pytest.mark.parametrize(
    ("message", "reason", "field"),
    [
        (Message(PLACE, DATA, []), RefusalReason.MISSING, None),
        (binary(time="yesterday"), RefusalReason.INVALID, "$.time"),
        (Message(PLACE, b"<a/>", [("content-type", b"text/xml")]), RefusalReason.MEDIA_TYPE, None),
        (
            Message(PLACE, b"[]", [("content-type", b"application/cloudevents-batch+json")]),
            RefusalReason.MEDIA_TYPE,
            "content-type",
        ),
        (binary(b"1" * (MOST_BYTES + 1)), RefusalReason.TOO_LARGE, "value"),
    ],
    ids=["no attributes", "no time", "xml", "batch", "too large"],
)
def test_what_cannot_be_read_says_why(
    message: Message, reason: RefusalReason, field: str | None
) -> None:
    found = event_in(message)

    assert isinstance(found, Unreadable)
    assert found.refusal.reason is reason
    assert field in {None, found.refusal.field}


def test_a_letter_holds_the_bytes_that_came_their_place_and_one_id_however_often() -> None:
    message = binary(time="yesterday")
    found = event_in(message)
    assert isinstance(found, Unreadable)

    letter = dead_letter(message, found.refusal, found.source, 5)

    assert (letter.body, letter.source) == (DATA, "/billing")
    assert letter.place == f"{PLACE}, $.time"
    assert letter.id == dead_letter(message, found.refusal, found.source, 9).id
