"""CloudEvents over HTTP, binary mode: attributes in ``ce-`` headers, data in the body."""

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

import msgspec

from events.envelope import CloudEvent
from events.tracing import TRACEPARENT, read_traceparent
from services.ingest.door import UNDECODABLE, Refusal, RefusalReason
from services.ingest.http_events import unreadable
from services.ingest.intake import Arrival, Unreadable

PREFIX = b"ce-"

_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\(.)")


class HeaderError(ValueError):
    """A ``ce-`` header cannot be read: which one, and what is wrong with it."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


def read_binary(headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Arrival:
    """Return the event; ``headers`` have lower-case names. Its data is checked at the door."""
    attributes: dict[str, object] = {}
    try:
        attributes |= _attributes(headers)
        trace = read_traceparent(str(attributes.pop(TRACEPARENT, "")))
        if trace is not None:
            attributes[TRACEPARENT] = msgspec.Raw(msgspec.json.encode(trace))
        attributes["data"] = msgspec.Raw(body)
        return msgspec.convert(attributes, CloudEvent)
    except HeaderError as error:
        return Unreadable(
            Refusal(
                RefusalReason.MALFORMED,
                error.name,
                error.detail,
                "send each ce- header once, percent-encoded UTF-8",
            )
        )
    except UNDECODABLE as error:
        return unreadable(error, attributes)


def header_named(refusal: Refusal) -> Refusal:
    """Name the header where a refusal names the attribute that it holds, as ``$.time``."""
    name = refusal.field.removeprefix("$.")
    if name in {refusal.field, "data"} or name.startswith(("data.", "data[")):
        return refusal
    return msgspec.structs.replace(refusal, field=f"ce-{name}")


def _attributes(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, value in headers:
        if not name.startswith(PREFIX):
            continue
        attribute = name[len(PREFIX) :].decode("latin-1")
        if attribute in attributes:
            raise HeaderError(f"ce-{attribute}", "the header stands twice")
        try:
            attributes[attribute] = _text(value)
        except UnicodeDecodeError as error:
            raise HeaderError(f"ce-{attribute}", str(error)) from None
    return attributes


def _text(value: bytes) -> str:
    """Undo quoted strings, then one round of percent-encoding (HTTP binding 1.0.2, 3.1.3.2)."""
    if b'"' in value:
        value = _QUOTED.sub(lambda match: _ESCAPED.sub(rb"\1", match[1]), value)
    return (unquote_to_bytes(value) if b"%" in value else value).decode()
