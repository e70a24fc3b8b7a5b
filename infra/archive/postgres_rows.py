"""Rows of the archive's tables as records of the log, and back."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from infra.archive.port import ListedLetter
from infra.log.records import DeadLetter, FactRecord, OutputRecord

Row = Sequence[Any]  # each query has its own columns
"""The columns of a query, as `postgres_tables` lists them."""

FACT_TYPES = "int8 int8 int8 int4 int4 uuid text bytea bytea bytea bytea"
OUTPUT_TYPES = "int8 int8 int8 int4 int4 uuid text text text bytea"
"""What a COPY is told of the columns, in the order of the tables."""


def fact_of(row: Row) -> FactRecord:
    """Return the fact or mark of a row."""
    offset, type_name, customer_id, source, fact_id, *rest = row
    return FactRecord(
        offset,
        type_name,
        customer_id,
        None if source is None else source.decode(),
        None if fact_id is None else fact_id.decode(),
        *rest,
    )


def letter_of(row: Row) -> DeadLetter:
    """Return the dead letter of a row whose last column is its bytes."""
    (letter_id, source, reason, detail, place, mend, received, body) = row
    return DeadLetter(
        id=letter_id,
        source=source.decode(),
        reason=reason.decode(),
        detail=detail.decode(),
        place=place.decode(),
        mend=mend.decode(),
        received=received,
        body=body,
    )


def listed_letter_of(row: Row) -> ListedLetter:
    """Return the dead letter of a row whose last column is how many bytes it has."""
    letter = letter_of((*row[:-1], b""))
    return ListedLetter(
        letter.id,
        letter.source,
        letter.reason,
        letter.detail,
        letter.place,
        letter.mend,
        letter.received,
        row[-1],
    )


def fact_rows(partition: int, records: Iterable[FactRecord]) -> Iterable[Row]:
    """Yield what to copy of facts and marks."""
    for record in records:
        yield (
            record.offset,
            record.time,
            record.appended,
            partition,
            record.day,
            None if record.customer_id is None else UUID(record.customer_id),
            record.type,
            None if record.source is None else record.source.encode(),
            None if record.id is None else record.id.encode(),
            record.data,
            record.digest,
        )


def output_rows(records: Iterable[OutputRecord]) -> Iterable[Row]:
    """Yield what to copy of outputs."""
    for record in records:
        yield (
            record.offset,
            record.sequence,
            record.appended,
            record.partition,
            record.day,
            None if record.customer_id is None else UUID(record.customer_id),
            record.projection,
            record.type,
            record.emission,
            record.data,
        )


def letter_row(letter: DeadLetter) -> Row:
    """Return what to insert of a dead letter."""
    texts = (letter.source, letter.reason, letter.detail, letter.place, letter.mend)
    return (letter.id, letter.received, *(text.encode() for text in texts), letter.body)
