"""What in the desk's tables refers to offsets of ``crm.facts``, and what it is in a restored log.

A signal's sequence is the offset of the record that caused it, and an ordinal. A restored record has
another offset, and the fold says the same of it: so sequences are carried over, record by record.
What the desk says by itself, its notification log, is numbered by itself and stays as it is.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from events import codec
from events.desk import STORED, PartitionStood
from events.judgements import SignalJudged
from infra.backup.desk_dump import Row, Value
from infra.backup.manifest import BackupUnusableError
from infra.backup.records import Raw
from infra.desk.book import stream_of
from infra.desk.relay import RELAY
from infra.stream.sequence import OUTPUTS_AN_OFFSET, offset_of, sequence

Offsets = Mapping[int, Mapping[int, int]]
"""By partition: the offset that a record had, and the one that it has."""

_OF_TOPICS = "signals:"
_STOOD = "crm.desk.partition-stood.v1"
_REFERRING = ("crm.signal.judged.v1", _STOOD)


class FactPlace(NamedTuple):
    """Which record of ``crm.facts`` something is of, in the log that was."""

    partition: int
    offset: int


def places_in(table: str, row: Row) -> Iterator[FactPlace]:
    """Yield the facts that a row refers to."""
    match table:
        case "tracking":
            partition = _partition_of(row)
            if partition is not None:
                yield FactPlace(partition, offset_of(_whole(row["notification_id"])))
        case "desk_judgements" | "desk_standings" | "desk_line":
            yield FactPlace(_whole(row["partition"]), offset_of(_whole(row["sequence"])))
        case "stored_events" if row["topic"] == _STOOD:
            stood = STORED.decode(_STOOD, _bytes(row["state"]))
            if isinstance(stood, PartitionStood):
                yield FactPlace(stood.partition, offset_of(stood.sequence))
        case _:
            return  # decisions have a row of their own


def carried_over(table: str, row: Row, offsets: Offsets) -> Row | None:
    """Return a row as it belongs to the restored log; None for one that does not.

    Raises `BackupUnusableError` where it refers to a fact that the backup does not have.
    """
    match table:
        case "tracking":
            moved = _position_carried_over(row, offsets)
        case "desk_judgements" | "desk_standings" | "desk_line":
            moved = {"sequence": _moved(_whole(row["partition"]), row["sequence"], offsets)}
        case "stored_events":
            moved = _event_carried_over(row, offsets)
        case "desk_about" if row["name"] == RELAY or str(row["name"]).startswith(_OF_TOPICS):
            return None
        case _:
            moved = {}
    return {**row, **moved}


def _position_carried_over(row: Row, offsets: Offsets) -> Row:
    partition = _partition_of(row)
    if partition is None:
        return {}
    return {"notification_id": _moved(partition, row["notification_id"], offsets)}


def _event_carried_over(row: Row, offsets: Offsets) -> Row:
    name = str(row["topic"])
    if name not in _REFERRING:
        return {}
    match STORED.decode(name, _bytes(row["state"])):
        case SignalJudged() as judged:
            event: SignalJudged | PartitionStood = _referring(judged, offsets)
        case PartitionStood(partition=partition) as stood:
            moved = _moved(partition, stood.sequence, offsets)
            event = msgspec.structs.replace(stood, sequence=moved)
        case _:
            return {}
    return {"originator_id": str(stream_of(event)), "state": Raw(codec.encode(event))}


def _referring(judged: SignalJudged, offsets: Offsets) -> SignalJudged:
    moved = _moved(judged.signal.partition, judged.signal.sequence, offsets)
    signal = msgspec.structs.replace(judged.signal, sequence=moved)
    return msgspec.structs.replace(judged, signal=signal)


def _moved(partition: int, said: Value, offsets: Offsets) -> int:
    number = _whole(said)
    offset = offsets.get(partition, {}).get(offset_of(number))
    if offset is None:
        raise BackupUnusableError(
            f"the desk of this backup has decided on what partition {partition} of crm.facts said at"
            f" offset {offset_of(number)}, which the backup does not have: take another backup"
        )
    return sequence(offset, number % OUTPUTS_AN_OFFSET)


def _partition_of(row: Row) -> int | None:
    """Return the partition whose signals a position is in."""
    _, colon, partition = str(row["application_name"]).rpartition(":")
    return int(partition) if colon else None


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _bytes(value: Value) -> bytes:
    if not isinstance(value, Raw):
        raise TypeError(f"{value!r} is no bytes")
    return value.base64
