"""Trace context is read as the W3C has it, and never more of it than that."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import CloudEvent
from events.tracing import read_traceparent, trace_of, with_trace
from tests.unit.ingest.door_given import event

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        VALID[:-1],
        VALID + "0",
        VALID + "-",
        f" {VALID}",
        VALID.upper(),
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT[1:]}-01",
        f"00-{TRACE}-{PARENT}-0x",
        f"01-{TRACE}-{PARENT}-01more",
        f"{VALID}\n",
    ],
)
def test_what_is_no_trace_context_is_none(wrong: str) -> None:
    assert read_traceparent(wrong) is None


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
def test_one_of_our_version_is_carried_on_as_it_is(flags: str) -> None:
    assert read_traceparent(VALID[:-2] + flags) == VALID[:-2] + flags


@pytest.mark.parametrize(("flags", "known"), [("00", "00"), ("03", "01"), ("fe", "00")])
@pytest.mark.parametrize("more", ["", "-", "-what the future brings"])
def test_of_a_later_version_what_ours_knows_is_carried_on(
    flags: str, known: str, more: str
) -> None:
    found = read_traceparent(f"cc-{TRACE}-{PARENT}-{flags}{more}")

    assert found == f"00-{TRACE}-{PARENT}-{known}"
    assert read_traceparent(found) == found


@given(st.binary())
def test_an_event_with_anything_in_its_place_is_still_an_event(came: bytes) -> None:
    whole = b'{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2011-01-26T12:00:00Z","data":1,"traceparent":%b}'
    try:
        read = msgspec.json.decode(whole % came, type=CloudEvent)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # no JSON at all
    assert trace_of(read) is None


def test_an_event_has_the_trace_that_it_was_given_and_loses_it_again() -> None:
    traced = with_trace(event(), VALID)

    assert trace_of(traced) == VALID
    assert trace_of(msgspec.json.decode(msgspec.json.encode(traced), type=CloudEvent)) == VALID
    assert with_trace(traced, None) == event()
