"""W3C trace context: which request of a sender a fact came with. It is carried on, never folded.

Source: https://www.w3.org/TR/trace-context-1/#traceparent-header
"""

import re

import msgspec

from events.envelope import CloudEvent

TRACEPARENT = "traceparent"
"""The header, on requests and on records of every topic, and the attribute of CloudEvents."""

_SAMPLED = 1
_VALID = re.compile(
    r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_TEXT = msgspec.json.Decoder(str)


def read_traceparent(text: str) -> str | None:
    """Return a header's value as it is carried on; None where it is none.

    One of a version after ours is carried on as of ours, with what that version says of it.

    >>> read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    >>> read_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more")
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    >>> read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")
    """
    found = _VALID.fullmatch(text)
    if found is None:
        return None
    version, ids, flags, more = found.groups()
    if version != "00":
        return f"00-{ids}-{int(flags, 16) & _SAMPLED:02x}"
    return None if more else text


def trace_of(event: CloudEvent) -> str | None:
    """Return what an event names as its trace; None where it names none, or wrongly."""
    if event.traceparent is msgspec.UNSET:
        return None
    try:
        return read_traceparent(_TEXT.decode(event.traceparent))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def with_trace(event: CloudEvent, traceparent: str | None) -> CloudEvent:
    """Return the event with this trace, or with none."""
    if traceparent is None and event.traceparent is msgspec.UNSET:
        return event
    named = msgspec.UNSET if traceparent is None else msgspec.Raw(msgspec.json.encode(traceparent))
    return msgspec.structs.replace(event, traceparent=named)
