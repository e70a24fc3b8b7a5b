"""CloudEvents as JSON: one event, or an array of them, in the body."""

from collections.abc import Mapping

import msgspec

from events.envelope import CloudEvent
from services.ingest.door import UNDECODABLE, Refusal, RefusalReason, undecodable
from services.ingest.http_modes import data_type_refusal
from services.ingest.intake import Arrival, Unreadable
from services.ingest.tallies import UNNAMED_SOURCE

MAX_EVENTS = 1000

EMPTY_BATCH = Refusal(
    RefusalReason.INVALID, "$", "the batch holds no event", "send at least one event"
)
TOO_MANY = Refusal(
    RefusalReason.TOO_LARGE,
    "$",
    f"the batch holds more than {MAX_EVENTS} events",
    "send the events in several smaller requests",
)
BASE64 = Refusal(
    RefusalReason.INVALID,
    "$.data_base64",
    "binary data is not read here: every fact is JSON",
    "send the fact as JSON in data",
)


class WireEvent(CloudEvent, frozen=True, omit_defaults=True):
    """An envelope as JSON has it: data may come in Base64, which no fact does."""

    data_base64: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _WithBase64(msgspec.Struct, frozen=True):
    data_base64: msgspec.Raw


_ONE = msgspec.json.Decoder(WireEvent)
_MANY = msgspec.json.Decoder(list[WireEvent])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_NAMES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BASE64 = msgspec.json.Decoder(_WithBase64)
_TEXT = msgspec.json.Decoder(str)


def read_structured(body: bytes) -> Arrival:
    """Return the event, or what of it can be read and why the rest cannot."""
    return _text_refusal(body) or _read_one(body)


def read_batch(body: bytes) -> list[Arrival] | Refusal:
    """Return the events in order, each for itself, or why the whole is no batch."""
    garbled = _text_refusal(body)
    if garbled is not None:
        return garbled.refusal
    try:
        events = _MANY.decode(body)
    except UNDECODABLE:
        return _read_each(body)
    return _size_refusal(len(events)) or [_checked(event) for event in events]


def unreadable(error: Exception, attributes: Mapping[str, object]) -> Unreadable:
    """Return what is wrong with an envelope, and the names that could be read from it."""
    refusal = undecodable(error, "$")
    if str(error).startswith("Object missing required field"):
        refusal = msgspec.structs.replace(
            refusal,
            reason=RefusalReason.MISSING,
            mend="send specversion, id, source, type, time and data",
        )
    source, event_id = attributes.get("source"), attributes.get("id")
    return Unreadable(
        refusal,
        source if isinstance(source, str) else UNNAMED_SOURCE,
        event_id if isinstance(event_id, str) else "",
    )


def _read_one(body: bytes | msgspec.Raw) -> Arrival:
    try:
        return _checked(_ONE.decode(body))
    except UNDECODABLE as error:
        problem = unreadable(error, _names_in(body))
    if problem.refusal.field == "$.data" and _holds_base64(body):
        return msgspec.structs.replace(problem, refusal=BASE64)
    return problem


def _read_each(body: bytes) -> list[Arrival] | Refusal:
    try:
        elements = _ELEMENTS.decode(body)
    except UNDECODABLE as error:
        return undecodable(error, "$")
    return _size_refusal(len(elements)) or [_read_one(element) for element in elements]


def _checked(event: WireEvent) -> Arrival:
    refusal = data_type_refusal(event.datacontenttype)
    if event.data_base64 is not msgspec.UNSET:
        refusal = BASE64
    return event if refusal is None else Unreadable(refusal, event.source, event.id)


def _size_refusal(events: int) -> Refusal | None:
    if events == 0:
        return EMPTY_BATCH
    return TOO_MANY if events > MAX_EVENTS else None


def _text_refusal(body: bytes) -> Unreadable | None:
    """Look at the whole body: a decoder skips over what it does not read."""
    if body.isascii():
        return None
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return Unreadable(undecodable(error, "$"))
    return None


def _names_in(body: bytes | msgspec.Raw) -> dict[str, object]:
    try:
        members = _NAMES.decode(body)
    except UNDECODABLE:
        return {}
    names: dict[str, object] = {}
    for name in ("source", "id"):
        try:
            names[name] = _TEXT.decode(members.get(name, b""))
        except UNDECODABLE:
            continue
    return names


def _holds_base64(body: bytes | msgspec.Raw) -> bool:
    try:
        _BASE64.decode(body)
    except UNDECODABLE:
        return False
    return True
