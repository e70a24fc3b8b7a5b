"""From records of the archive to the slices that the domain folds."""

from collections.abc import Sequence

import msgspec

from domain.customer.slice import SliceFact
from domain.customer.slice_marks import SliceMark
from events.catalogue import REGISTRY
from events.marks import DayOpened, Emitting
from events.registry import UnknownEventTypeError
from infra.log.records import FactRecord
from infra.mendable import MendableError


def slice_facts(records: Sequence[FactRecord]) -> list[SliceFact]:
    """Decode a customer's facts. Raises what `Registry.decode` raises for a damaged one."""
    return [
        SliceFact(record.offset, record.day, REGISTRY.decode(record.type, record.data))
        for record in records
        if record.day is not None
    ]


class DamagedMarkError(MendableError):
    """A mark cannot be read, and without it nothing can be folded."""


def slice_marks(records: Sequence[FactRecord]) -> list[SliceMark]:
    """Decode a partition's marks. Raises `DamagedMarkError`."""
    return [
        SliceMark(record.offset, event)
        for record in records
        if isinstance(event := _decoded(record), DayOpened | Emitting)
    ]


def _decoded(mark: FactRecord) -> msgspec.Struct:
    try:
        return REGISTRY.decode(mark.type, mark.data)
    except (msgspec.MsgspecError, UnknownEventTypeError) as error:
        raise DamagedMarkError(
            f"the mark at crm.facts offset {mark.offset}, {mark.type}, cannot be read ({error});"
            " restore the log from a backup"
        ) from error
