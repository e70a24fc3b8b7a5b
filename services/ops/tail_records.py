"""Records of every topic in one shape: the attributes of CloudEvents, and the data decoded."""

import datetime

import msgspec

from events.calendar import date_of, time_of
from events.catalogue import CONTROL, DEAD_LETTERS, FACTS
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord
from infra.stream.sequence import published
from services.ops.dead_letters import dead_letter_view

DEAD_LETTER_TYPE = "crm.dead-letter"


class TailRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record. (``topic``, ``source``, ``id``) names it and no other.

    ``sequence`` is a number of 19 digits that only grows: the offset of a fact or control record,
    the sequence of an output within (projection, partition); dead letters have none. ``time`` is
    when it happened for a fact, else when it was written; ``day`` the business day it belongs to.
    """

    topic: str
    id: str
    source: str
    type: str
    time: datetime.datetime
    sequence: str | None = None
    subject: str | None = None
    day: datetime.date | None = None
    emission: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


def of_fact(record: FactRecord, partition: int | None = None) -> TailRecord:
    """Return a fact, or a mark, which has no sender: its offset is its id.

    Where a log has several partitions, the source of a mark names its own: each has all marks.
    """
    nobody = "holdfast" if partition is None else f"holdfast:{partition}"
    sequence = published(record.offset)
    return TailRecord(
        topic=FACTS,
        id=sequence if record.id is None else record.id,
        source=nobody if record.source is None else record.source,
        type=record.type,
        time=time_of(record.time),
        sequence=sequence,
        subject=record.customer_id,
        day=_date(record.day),
        data=_json(record.data),
    )


def of_control(record: ControlRecord) -> TailRecord:
    """Return a control record; its offset is its id."""
    sequence = published(record.offset)
    return TailRecord(
        topic=CONTROL,
        id=sequence,
        source="holdfast",
        type=record.type,
        time=time_of(record.appended),
        sequence=sequence,
        data=_json(record.data),
    )


def of_output(record: OutputRecord) -> TailRecord:
    """Return what a projection said; its source is the projection and the facts partition."""
    sequence = published(record.sequence)
    return TailRecord(
        topic=record.topic,
        id=sequence,
        source=f"{record.projection}:{record.partition}",
        type=record.type,
        time=time_of(record.appended),
        sequence=sequence,
        subject=record.customer_id,
        day=_date(record.day),
        emission=record.emission,
        data=_json(record.data),
    )


def of_dead_letter(letter: DeadLetter) -> TailRecord:
    """Return a dead letter; its data is what `holdfast dlq show` says of it."""
    return TailRecord(
        topic=DEAD_LETTERS,
        id=letter.id,
        source=letter.source,
        type=DEAD_LETTER_TYPE,
        time=time_of(letter.received),
        data=msgspec.Raw(msgspec.json.encode(dead_letter_view(letter))),
    )


def _date(day: int | None) -> datetime.date | None:
    return None if day is None else date_of(day)


def _json(data: bytes) -> msgspec.Raw:
    """Return data as it stands; what is no JSON any more, as its hexadecimal digits."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.Raw(msgspec.json.encode({"damaged": data.hex()}))
    return msgspec.Raw(data)
