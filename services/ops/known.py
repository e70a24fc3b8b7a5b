"""What was known of a customer as of a moment: its facts, and the marks they are folded with.

**As of TIME**: let D be the business day of TIME. Of the customer's partition count the records
before the first ``DayOpened`` mark of a day after D, and of the customer's own facts among them
those that happened at TIME or before. So arrival is told by the day, and happening to the moment: a
fact that arrived on a later day than D is not known yet, however early it happened; one of those
that arrived on D is, if it happened by TIME, even if it arrived after TIME. No fact that happened
after TIME changes anything, and what is known at the end of the open day is what is known now.
"""

from collections.abc import Sequence

import msgspec

from domain.customer.slice import FoldedSlice, OnDueDay, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from events.calendar import day_number
from events.marks import DayOpened
from events.values import CustomerId
from infra.archive.slices import slice_facts, slice_marks
from infra.log.records import FactRecord
from infra.state.port import Quarantined
from services.ops.reading import Reading


class Known(msgspec.Struct, frozen=True):
    """A customer's facts up to a moment, and its partition's marks.

    ``last`` is the last offset that counts. Of a customer in quarantine only facts up to ``foldable``
    are folded, and ``quarantined`` says why.
    """

    customer_id: CustomerId
    facts: Sequence[FactRecord]
    marks: SliceMarks
    last: int
    foldable: int
    quarantined: str | None


async def known_at(reading: Reading, customer_id: CustomerId, instant: int) -> Known:
    """Return what was known at an instant, in microseconds since the epoch. See the rule above."""
    partition = reading.partition_of(customer_id)
    end = reading.ends[partition]
    marks = slice_marks(await reading.archive.marks(partition, end))
    last = _last_before(marks, reading.calendar.day_of(instant), end)
    facts = await reading.archive.slice(customer_id, last)
    happened = [fact for fact in facts if fact.time <= instant]
    return _known(reading, customer_id, (happened, marks, last), await _held(reading, customer_id))


async def known_now(reading: Reading, customer_id: CustomerId) -> Known:
    """Return what the projection has folded; everything, where there is none."""
    partition = reading.partition_of(customer_id)
    last = reading.positions[partition].offset if reading.positions else reading.ends[partition]
    marks = slice_marks(await reading.archive.marks(partition, last))
    facts = await reading.archive.slice(customer_id, last)
    return _known(reading, customer_id, (facts, marks, last), await _held(reading, customer_id))


def fold_known(reading: Reading, known: Known, on_due_day: OnDueDay | None = None) -> FoldedSlice:
    """Fold what is known, from nothing."""
    own = slice_facts([fact for fact in known.facts if fact.offset <= known.foldable])
    return fold_slice(reading.fold, known.customer_id, own, known.marks, known.foldable, on_due_day)


def _known(
    reading: Reading,
    customer_id: CustomerId,
    found: tuple[Sequence[FactRecord], Sequence[SliceMark], int],
    held: Quarantined | None,
) -> Known:
    facts, marks, last = found
    return Known(
        customer_id=customer_id,
        facts=facts,
        marks=SliceMarks(marks, reading.head.projection() or "", reading.models),
        last=last,
        foldable=last if held is None else min(last, held.offset - 1),
        quarantined=None if held is None or last < held.offset else held.error,
    )


def _last_before(marks: Sequence[SliceMark], day: int, end: int) -> int:
    """Return the offset of the last record before the first mark that opens a day after ``day``."""
    for mark in marks:
        if isinstance(mark.event, DayOpened) and day_number(mark.event.day) > day:
            return mark.offset - 1
    return end


async def _held(reading: Reading, customer_id: CustomerId) -> Quarantined | None:
    if reading.projection is None:
        return None
    return (await reading.projection.row(customer_id)).quarantined
