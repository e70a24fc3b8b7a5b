"""A message of ``crm.intake`` as an event for the door: CloudEvents over Kafka, binary or structured."""

from collections.abc import Sequence
from typing import NamedTuple

from events import codec
from events.envelope import CloudEvent
from infra.log.records import DeadLetter
from services.ingest.door import Refusal, RefusalReason
from services.ingest.http_binary import read_binary
from services.ingest.http_body import MAX_BODY_BYTES
from services.ingest.http_events import read_structured
from services.ingest.http_modes import ContentMode, content_mode
from services.ingest.intake import Arrival, Unreadable
from services.ingest.tallies import UNNAMED_SOURCE
from services.ingest.tracing import trace_in, traced

TOPIC_PREFIX = "ce_"
CONTENT_TYPE = "content-type"
MOST_BYTES = MAX_BODY_BYTES // 2
"""A longer event would not get through the door together with the brackets of a batch."""

NO_BATCH = Refusal(
    RefusalReason.MEDIA_TYPE,
    CONTENT_TYPE,
    "a message holds one event, and this one holds a batch",
    "send each event as a message of its own",
)
TOO_LARGE = Refusal(
    RefusalReason.TOO_LARGE,
    "value",
    f"the message is longer than {MOST_BYTES} bytes",
    "send a smaller event",
)


class Message(NamedTuple):
    """A message as it was consumed; ``place`` names topic, partition and offset."""

    place: str
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def event_in(message: Message) -> Arrival:
    """Return the event of a message, or what of it can be read and why the rest cannot.

    A message without a content type is taken for JSON, as Kafka clients seldom set one.
    """
    headers = [(name.lower(), value) for name, value in message.headers]
    trace = trace_in((name.encode(), value) for name, value in headers)
    (arrival,) = traced((_read(headers, message.value),), trace)
    return arrival


def _read(headers: Sequence[tuple[str, bytes]], value: bytes) -> Arrival:
    if len(value) > MOST_BYTES:
        return Unreadable(TOO_LARGE)
    mode = content_mode(dict(headers).get(CONTENT_TYPE, b"application/json"))
    if isinstance(mode, Refusal):
        return Unreadable(mode)
    match mode:
        case ContentMode.STRUCTURED:
            return read_structured(value)
        case ContentMode.BATCH:
            return Unreadable(NO_BATCH)
        case ContentMode.BINARY:
            return read_binary(_as_http(headers), value)


def structured(event: CloudEvent) -> bytes:
    """Return an event as one element of a JSON batch."""
    return codec.encode(event)


def dead_letter(message: Message, refusal: Refusal, source: str, received: int) -> DeadLetter:
    """Return a message that cannot become a fact, with its bytes as they came."""
    named = source or UNNAMED_SOURCE
    place = f"{message.place}, {refusal.field}"
    return DeadLetter(
        id=codec.digest(named.encode(), message.place.encode(), message.value).hex(),
        source=named,
        reason=refusal.reason,
        detail=refusal.detail,
        place=place,
        mend=refusal.mend,
        received=received,
        body=message.value,
    )


def _as_http(headers: Sequence[tuple[str, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return ``ce_`` headers by the names of HTTP; what is in no attribute's place is left out."""
    return [
        (f"ce-{name.removeprefix(TOPIC_PREFIX)}".encode(), value)
        for name, value in headers
        if name.startswith(TOPIC_PREFIX)
    ]
