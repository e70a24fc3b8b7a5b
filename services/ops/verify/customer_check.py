"""Is a customer's state, and all that was said of it, what its own facts fold to?"""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from domain.customer import state as states
from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, Said, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from domain.detection.day_model import ModelHistory
from events import codec
from events.catalogue import REGISTRY, SNAPSHOTS
from events.marks import Emission, Emitting
from events.values import CustomerId
from infra.archive.slices import slice_facts
from infra.log.records import FactRecord, OutputRecord
from infra.state.port import Position, ReadRow, StateRow
from infra.stream.sequence import offset_of, published
from services.ops.verify.report import Findings, Kind
from services.ops.verify.struct_diff import differing_fields


class Expected(msgspec.Struct, frozen=True):
    """An output as it must stand in the log, whichever ordinal it had."""

    offset: int
    topic: str
    type: str
    day: int
    emission: str
    data: bytes


class CustomerCheck:
    """Checks customers against marks that are the same for all of them."""

    def __init__(
        self,
        fold: CustomerFold,
        projection: str,
        marks: Sequence[SliceMark],
        models: ModelHistory,
        findings: Findings,
    ) -> None:
        self._fold = fold
        self._marks = SliceMarks(marks, projection, models)
        self._findings = findings
        self._emissions = [
            (mark.offset, mark.event.emission)
            for mark in marks
            if isinstance(mark.event, Emitting) and mark.event.projection == projection
        ]

    def folded(
        self, found: ReadRow, records: Sequence[FactRecord], position: Position
    ) -> FoldedSlice:
        """Fold a slice up to a position, or up to where the customer was set aside."""
        customer_id, last = found.customer_id, _last_folded(position, found.customer_id)
        if found.quarantined is not None:
            last = min(last, found.quarantined.offset - 1)
        facts = slice_facts([record for record in records if record.offset <= last])
        return fold_slice(self._fold, customer_id, facts, self._marks, last)

    def check_state(
        self, customer_id: CustomerId, folded: FoldedSlice, row: StateRow | None
    ) -> None:
        """Compare the stored row with the folded state."""
        if folded.state is None or row is None:
            if folded.state is not None or row is not None:
                missing = "the store" if row is None else "the log"
                self._differs(Kind.STATE, customer_id, f"{missing} knows nothing of this customer")
            return
        if row.data != states.encode(folded.state):
            self._differs(Kind.STATE, customer_id, _state_difference(row.data, folded))
        if (row.due_day, row.standing) != (folded.state.due_day(), folded.state.has_standing()):
            self._differs(Kind.STATE, customer_id, "due day or standing mark of the row is wrong")

    def check_outputs(
        self, customer_id: CustomerId | None, said: Sequence[Said], stored: Sequence[OutputRecord]
    ) -> None:
        """Compare what was published with what the fold says, in order."""
        expected = [entry for entry in map(self._expected, said) if entry is not None]
        for record, entry in zip(stored, expected, strict=False):
            if _as_expected(record) != entry:
                detail = f"published {_shown(_as_expected(record))}, folded {_shown(entry)}"
                self._differs(Kind.OUTPUT, customer_id, detail, record)
                return
        for record in stored[len(expected) :]:
            self._differs(
                Kind.OUTPUT, customer_id, "published, but the fold does not say it", record
            )
        for entry in expected[len(stored) :]:
            self._differs(Kind.OUTPUT, customer_id, f"never published: {_shown(entry)}")

    def _expected(self, said: Said) -> Expected | None:
        name = REGISTRY.name_of(said.event)
        topic = REGISTRY.types[name].topics[0]
        index = bisect_right(self._emissions, said.offset, key=lambda entry: entry[0])
        emission = self._emissions[index - 1][1] if index else Emission.SILENT
        if emission is Emission.SILENT and topic != SNAPSHOTS:
            return None
        data = codec.encode(said.event)
        return Expected(said.offset, topic, name, said.day, emission.value, data)

    def _differs(
        self,
        kind: Kind,
        customer_id: CustomerId | None,
        detail: str,
        record: OutputRecord | None = None,
    ) -> None:
        row = f"customer {customer_id}" if customer_id is not None else "no customer"
        if record is not None:
            row = f"{record.topic} sequence {published(record.sequence)}, {row}"
        self._findings.add(kind, row, detail)


def _last_folded(position: Position, customer_id: CustomerId) -> int:
    """Return the last record that was folded into a customer: not a mark that has yet to step it."""
    if position.last_customer is not None and customer_id > position.last_customer:
        return position.offset - 1
    return position.offset


def _state_difference(stored: bytes, folded: FoldedSlice) -> str:
    try:
        fields = list(differing_fields(states.decode(stored), folded.state))
    except msgspec.MsgspecError as error:
        return f"the stored bytes are damaged: {error}"
    return "; ".join(fields) or "the stored bytes are not canonical"


def _as_expected(record: OutputRecord) -> Expected:
    return Expected(
        offset_of(record.sequence),
        record.topic,
        record.type,
        record.day if record.day is not None else 0,
        record.emission,
        record.data,
    )


def _shown(entry: Expected) -> str:
    text = entry.data.decode(errors="replace")
    return f"{entry.type} at offset {entry.offset}, day {entry.day}, {entry.emission}: {text}"
