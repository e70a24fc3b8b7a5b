"""Where a backup ends each partition of ``crm.facts``: at one moment, by the marks that control names.

Marks stand in ``crm.control`` and in every partition, written in one transaction. So the cut is what
control held at a moment; a partition belongs to it up to the last of those marks, and on up to the
first that is not among them. Brokers answer a commit before every partition shows all of it.
"""

from collections.abc import Sequence

from events.catalogue import REGISTRY
from events.registry import Role
from infra.log.kafka_records import Consumed
from infra.log.records import ControlRecord
from infra.mendable import MendableError

Mark = tuple[str, bytes]
"""Its type and data, which are the same in control and in a partition."""


class MarksDifferError(MendableError):
    """A partition does not have the marks that control has."""


def marks_of(control: Sequence[ControlRecord]) -> tuple[Mark, ...]:
    """Return the marks that every partition has, in order."""
    return tuple((record.type, record.data) for record in control if _is_mark(record.type))


class WholePartition:
    """Passes all that there is of a partition up to ``end``, and what a fetch brings beyond."""

    def __init__(self, partition: int, end: int) -> None:
        self.partition = partition
        self.end = end
        self.is_done = False

    def take(self, records: Sequence[Consumed], next_offset: int) -> Sequence[Consumed]:
        """Return those of a fetch that belong to the cut; it may be done then."""
        self.is_done = next_offset >= self.end
        return records


class FactsCut(WholePartition):
    """Passes what belongs to the cut of a facts partition; it ended at ``end`` when that was made."""

    def __init__(self, partition: int, end: int, marks: Sequence[Mark]) -> None:
        super().__init__(partition, end)
        self._marks = marks
        self._seen = 0

    @property
    def missing(self) -> int:
        """How many of the marks are still to come."""
        return len(self._marks) - self._seen

    def take(self, records: Sequence[Consumed], next_offset: int) -> Sequence[Consumed]:
        """Return those that belong to the cut. Raises `MarksDifferError`."""
        for number, record in enumerate(records):
            if record.key is not None:
                continue
            if not self.missing:
                self.is_done = True
                return records[:number]
            self._pass(record)
        if not self.missing:
            self.is_done = next_offset >= self.end
        return records

    def _pass(self, record: Consumed) -> None:
        name = (record.header("ce_type") or b"").decode(errors="replace")
        if (name, record.value) != self._marks[self._seen]:
            raise MarksDifferError(
                f"crm.facts partition {self.partition} offset {record.offset}: the mark there,"
                f" {name}, is not the one that crm.control has: the log was changed or cut, so a"
                " backup of it would be worth nothing; `holdfast verify` says more"
            )
        self._seen += 1


def _is_mark(name: str) -> bool:
    entry = REGISTRY.types.get(REGISTRY.current_name(name))
    return entry is not None and entry.role is Role.MARK
