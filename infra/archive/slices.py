"""From records of the archive to the slices that the domain folds."""

from collections.abc import Sequence

from domain.customer.slice import SliceFact, SliceMark
from events.catalogue import REGISTRY
from events.marks import DayOpened, Emitting
from infra.log.records import FactRecord


def slice_facts(records: Sequence[FactRecord]) -> list[SliceFact]:
    """Decode a customer's facts. Raises what `Registry.decode` raises for a damaged one."""
    return [
        SliceFact(record.offset, record.day, REGISTRY.decode(record.type, record.data))
        for record in records
        if record.day is not None
    ]


def slice_marks(records: Sequence[FactRecord]) -> list[SliceMark]:
    """Decode a partition's marks. Raises what `Registry.decode` raises for a damaged one."""
    decoded = ((record.offset, REGISTRY.decode(record.type, record.data)) for record in records)
    return [
        SliceMark(offset, event)
        for offset, event in decoded
        if isinstance(event, DayOpened | Emitting)
    ]
