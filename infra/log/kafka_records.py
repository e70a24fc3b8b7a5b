"""Records of the log as messages of Kafka, and back: CloudEvents 1.0 in binary mode.

Attributes stand in headers that begin with ``ce_``, data in the value. The time of appending is the
brokers' own (LogAppendTime); a record's digest is not sent but worked out at reading, over the same
fields as in every other backend.
"""

import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord

from events import codec
from events.calendar import date_of, day_number, instant_of, time_of
from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, TASKS
from events.tracing import TRACEPARENT, read_traceparent
from events.values import CustomerId
from infra.log.records import ControlRecord, DeadLetter, FactRecord, Output, OutputRecord
from infra.mendable import MendableError
from infra.stream.sequence import published

Headers = Sequence[tuple[str, bytes]]

LOG_SOURCE = "/holdfast"
"""The ``ce_source`` of what the log itself says: marks and control records."""

IMPORT_HEADER = "holdfast-import"
"""``<import id>:<facts done>``, on the last record that a transaction wrote to a partition."""

IMPORT_BEGAN_HEADER = "holdfast-import-began"
"""The offset in ``crm.control`` at which that import began; begun anew, an import has another."""

TALLIES_HEADER = "holdfast-tallies"
"""On the end of an import: what came of it, JSON rows of (source, what, number)."""

ANY_PARTITION = -1
"""The partition is for the client library to pick, by the key."""

_EVERY_EVENT = (("ce_specversion", b"1.0"), ("content-type", b"application/json"))
_MICROSECONDS = 1_000


class DamagedMessageError(MendableError):
    """A message is not as this product writes it."""

    def __init__(self, message: "Consumed", error: Exception) -> None:
        super().__init__(
            f"{message.topic} partition {message.partition} offset {message.offset} cannot be read"
            f" ({type(error).__name__}: {error}): somebody else wrote there, or a newer release did; start that one, or"
            " see by `holdfast topics check` who may write"
        )


class Message(NamedTuple):
    """What is produced. ``topic`` goes without the prefix; see `infra/kafka/names.py`.

    ``timestamp_ms`` is 0 for now; topics that stamp the time of appending themselves replace it.
    """

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]
    timestamp_ms: int = 0


class Consumed(NamedTuple):
    """What was consumed, whichever library did it. ``topic`` goes without the prefix."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: Headers

    @classmethod
    def of(cls, topic: str, record: "ConsumerRecord[bytes, bytes]") -> "Consumed":
        """Return a record of aiokafka."""
        return cls(
            topic,
            record.partition,
            record.offset,
            record.timestamp,
            record.key,
            record.value or b"",
            record.headers,
        )

    def header(self, name: str) -> bytes | None:
        """Return the last header of this name."""
        return dict(self.headers).get(name)


def fact_message(partition: int, record: FactRecord, mark_id: str) -> Message:
    """Return a fact or a mark; a mark has no id of its own, so it is given one here."""
    headers = [
        *_EVERY_EVENT,
        ("ce_type", record.type.encode()),
        ("ce_id", (mark_id if record.id is None else record.id).encode()),
        ("ce_source", (LOG_SOURCE if record.source is None else record.source).encode()),
        ("ce_time", _written(record.time)),
    ]
    if record.day is not None:
        headers.append(("ce_day", _date(record.day)))
    headers += _trace(record.traceparent)
    key = None if record.customer_id is None else record.customer_id.encode()
    return Message(FACTS, partition, key, record.data, headers)


def fact_of(message: Consumed) -> FactRecord:
    """Return the record of ``crm.facts``; what has no key is a mark. Raises `DamagedMessageError`."""
    headers = dict(message.headers)
    try:
        is_mark = message.key is None
        fields = (
            message.offset,
            headers["ce_type"].decode(),
            None if message.key is None else CustomerId(message.key.decode()),
            None if is_mark else headers["ce_source"].decode(),
            None if is_mark else headers["ce_id"].decode(),
            _read(headers["ce_time"]),
            _day(headers.get("ce_day")),
            message.timestamp_ms * _MICROSECONDS,
            message.value,
        )
    except (KeyError, ValueError) as error:
        raise DamagedMessageError(message, error) from error
    trace = headers.get(TRACEPARENT)
    traceparent = None if trace is None else read_traceparent(trace.decode("latin-1"))
    return FactRecord(*fields, codec.digest_of_fields(*fields), traceparent)


def control_message(record: ControlRecord, event_id: str) -> Message:
    """Return a control record; it has no id of its own, so it is given one here."""
    headers = [
        *_EVERY_EVENT,
        ("ce_type", record.type.encode()),
        ("ce_id", event_id.encode()),
        ("ce_source", LOG_SOURCE.encode()),
        ("ce_time", _written(record.appended)),
    ]
    return Message(CONTROL, 0, None, record.data, headers)


def control_of(message: Consumed) -> ControlRecord:
    """Return the record of ``crm.control``. Raises `DamagedMessageError`."""
    try:
        type_name = dict(message.headers)["ce_type"].decode()
    except (KeyError, ValueError) as error:
        raise DamagedMessageError(message, error) from error
    appended = message.timestamp_ms * _MICROSECONDS
    fields = (message.offset, type_name, appended, message.value)
    return ControlRecord(*fields, codec.digest_of_fields(*fields))


def output_message(projection: str, partition: int, output: Output) -> Message:
    """Return an output; it goes to its source's partition number."""
    number = published(output.sequence).encode()
    beginning, speaker = _speaker(projection, partition)
    headers = [
        *_EVERY_EVENT,
        _header("ce_type", output.type),
        ("ce_id", beginning + number),
        *speaker,
        ("ce_sequence", number),
        _header("ce_emission", output.emission.value),
    ]
    if output.day is not None:
        headers.append(("ce_day", _date(output.day)))
    if output.traceparent is not None:
        headers += _trace(output.traceparent)
    about = output.account if output.topic == TASKS else output.customer_id
    key = None if about is None else about.encode()
    return Message(output.topic, partition, key, output.data, headers)


def output_of(message: Consumed) -> OutputRecord:
    """Return the record of a derived topic, or of ``crm.tasks``, which is keyed by account.

    Raises `DamagedMessageError`.
    """
    headers = dict(message.headers)
    about = None if message.topic == TASKS else message.key
    try:
        return OutputRecord(
            message.offset,
            message.topic,
            headers["ce_projection"].decode(),
            int(headers["ce_partition"]),
            int(headers["ce_sequence"]),
            headers["ce_type"].decode(),
            None if about is None else CustomerId(about.decode()),
            _day(headers.get("ce_day")),
            headers["ce_emission"].decode(),
            message.timestamp_ms * _MICROSECONDS,
            message.value,
        )
    except (KeyError, ValueError) as error:
        raise DamagedMessageError(message, error) from error


def letter_message(letter: DeadLetter) -> Message:
    """Return a dead letter: its value are the bytes that came, the rest stands in headers."""
    texts = {
        "id": letter.id,
        "source": letter.source,
        "reason": letter.reason,
        "detail": letter.detail,
        "place": letter.place,
        "mend": letter.mend,
        "received": str(letter.received),
    }
    headers = [(f"holdfast-{name}", text.encode()) for name, text in texts.items()]
    return Message(DEAD_LETTERS, ANY_PARTITION, letter.source.encode(), letter.body, headers)


def letter_of(message: Consumed) -> DeadLetter:
    """Return the dead letter. Raises `DamagedMessageError`."""
    headers = dict(message.headers)
    try:
        return DeadLetter(
            id=headers["holdfast-id"].decode(),
            source=headers["holdfast-source"].decode(),
            reason=headers["holdfast-reason"].decode(),
            detail=headers["holdfast-detail"].decode(),
            place=headers["holdfast-place"].decode(),
            mend=headers["holdfast-mend"].decode(),
            received=int(headers["holdfast-received"]),
            body=message.value,
        )
    except (KeyError, ValueError) as error:
        raise DamagedMessageError(message, error) from error


@lru_cache(maxsize=1_000)
def _speaker(projection: str, partition: int) -> tuple[bytes, Headers]:
    """Return what all outputs of a projection in a partition have: how ids begin, and headers."""
    return f"{projection}:{partition}:".encode(), (
        ("ce_source", f"{LOG_SOURCE}/{projection}".encode()),
        ("ce_projection", projection.encode()),
        ("ce_partition", str(partition).encode()),
    )


@lru_cache(maxsize=1_000)
def _header(name: str, text: str) -> tuple[str, bytes]:
    """Return a header that many messages have."""
    return name, text.encode()


def _trace(traceparent: str | None) -> list[tuple[str, bytes]]:
    return [] if traceparent is None else [(TRACEPARENT, traceparent.encode())]


def _written(instant: int) -> bytes:
    return time_of(instant).isoformat().encode()


def _read(text: bytes) -> int:
    return instant_of(datetime.datetime.fromisoformat(text.decode()))


@lru_cache(maxsize=10_000)
def _date(day: int) -> bytes:
    return date_of(day).isoformat().encode()


@lru_cache(maxsize=10_000)
def _day(text: bytes | None) -> int | None:
    return None if text is None else day_number(datetime.date.fromisoformat(text.decode()))
