"""The CloudEvents envelope: what it needs, what it lets pass, what it refuses."""

import datetime

import msgspec
import pytest

from events.envelope import SPEC_VERSION, CloudEvent

COMPLETE = {
    "specversion": "1.0",
    "id": "536365",
    "source": "shop",
    "type": "crm.order.placed.v1",
    "time": "2010-12-01T08:26:00Z",
    "data": {"order_id": "536365"},
}


def read(**changes: object) -> CloudEvent:
    return msgspec.json.decode(msgspec.json.encode(COMPLETE | changes), type=CloudEvent)


def refusal(**changes: object) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        read(**changes)
    return str(caught.value)


def test_a_complete_event_is_read_and_its_data_left_as_bytes() -> None:
    event = read()

    assert event.specversion == SPEC_VERSION
    assert (event.source, event.id, event.type) == ("shop", "536365", "crm.order.placed.v1")
    assert event.time == datetime.datetime(2010, 12, 1, 8, 26, tzinfo=datetime.UTC)
    assert bytes(event.data) == b'{"order_id":"536365"}'


def test_extension_attributes_are_let_pass() -> None:
    event = read(comexampleextension=5, subject="x")

    assert event == read()


@pytest.mark.parametrize("attribute", sorted(COMPLETE))
def test_every_attribute_that_a_fact_needs_is_named_when_missing(attribute: str) -> None:
    partial = {name: value for name, value in COMPLETE.items() if name != attribute}

    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{attribute}`"):
        msgspec.json.decode(msgspec.json.encode(partial), type=CloudEvent)


def test_another_version_of_cloudevents_is_refused() -> None:
    assert refusal(specversion="0.3") == "Invalid enum value '0.3' - at `$.specversion`"


@pytest.mark.parametrize(
    "time",
    [
        "2010-12-01T08:26:00",
        "2010-12-01",
        "yesterday",
        "2010-13-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "",
    ],
)
def test_a_time_without_an_offset_or_that_is_no_time_is_refused(time: str) -> None:
    assert refusal(time=time).endswith("at `$.time`")


def test_a_time_is_a_text_and_not_a_number() -> None:
    assert refusal(time=1291191960) == "Expected `datetime`, got `int` - at `$.time`"


def test_a_time_with_any_offset_is_the_same_instant() -> None:
    assert read(time="2010-12-01T16:26:00+08:00").time == read().time


@pytest.mark.parametrize("attribute", ["id", "source", "type"])
@pytest.mark.parametrize("value", ["", "a\u0000b", "k" * 129])
def test_names_are_short_and_without_control_characters(attribute: str, value: str) -> None:
    assert refusal(**{attribute: value}).endswith(f"at `$.{attribute}`")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_data_nested_without_end_is_refused(opening: bytes) -> None:
    whole = msgspec.json.encode(COMPLETE)
    nested = whole.replace(b'{"order_id":"536365"}', opening * 100_000)

    with pytest.raises((msgspec.DecodeError, RecursionError)):
        msgspec.json.decode(nested, type=CloudEvent)
