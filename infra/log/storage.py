"""What a backend of the log supplies: plain inserts and look-ups, without a rule in them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from infra.log.feeds import Arrival
from infra.log.records import ControlRecord, FactRecord


class ArrivalStorage(Protocol):
    """Keeps which days of scheduled feeds came."""

    def arrivals(self) -> set[Arrival]:
        """Return the days of scheduled feeds that came and are not closed yet."""
        ...

    def set_arrivals(self, arrivals: AbstractSet[Arrival]) -> None:
        """Keep just these."""
        ...


class LogStorage(ArrivalStorage, Protocol):
    """The inserts and look-ups that a backend offers inside one transaction."""

    partitions: int

    def next_offset(self, partition: int) -> int:
        """Return the offset that the next record of a facts partition gets."""
        ...

    def next_control_offset(self) -> int:
        """Return the offset that the next control record gets."""
        ...

    def add_facts(self, partition: int, records: Sequence[FactRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        ...

    def add_control(self, records: Sequence[ControlRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        ...

    def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        ...

    def add_claims(self, claims: Sequence[tuple[bytes, bytes]]) -> None:
        """Insert (claim, body digest) pairs, none of which stands."""
        ...

    def import_done(self, import_id: str) -> int:
        """Return how many facts of an import are behind it, 0 for an unknown one."""
        ...

    def set_import_done(self, import_id: str, done: int) -> None:
        """Keep how many facts of an import are behind it."""
        ...
