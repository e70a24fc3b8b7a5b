"""The fact archive: what cards, lists and proofs read. Implemented by `sqlite.py`.

Everything is read as of one moment: an archive is a snapshot that later writes do not reach.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from events.values import CustomerId
from infra.log.head import LogHead
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord


class FactArchive(Protocol):
    """Reads of one snapshot of the log."""

    async def head(self) -> LogHead | None:
        """Return where the log stands; None for one that was never created."""
        ...

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last fact or mark, -1 for none."""
        ...

    async def customers(self) -> Sequence[CustomerId]:
        """Return every customer with a fact, in id order."""
        ...

    async def slice(self, customer_id: CustomerId, up_to: int) -> Sequence[FactRecord]:
        """Return a customer's facts up to an offset, in order."""
        ...

    async def marks(self, partition: int, up_to: int) -> Sequence[FactRecord]:
        """Return a partition's marks up to an offset, in order."""
        ...

    def facts(self, partition: int, after: int) -> AsyncIterator[FactRecord]:
        """Iterate over facts and marks above an offset, in order."""
        ...

    async def control(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        ...

    async def outputs_of(
        self, customer_id: CustomerId | None, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of a customer (None: of no customer), by sequence.

        Only sequences below ``below``, over all derived topics.
        """
        ...

    async def output_subjects(self, projection: str) -> Sequence[CustomerId]:
        """Return every customer of whom a projection said anything, in id order."""
        ...

    async def outputs(
        self, topic: str, after: int, limit: int, customer_id: CustomerId | None
    ) -> Sequence[OutputRecord]:
        """Return records of a derived topic above an offset, of one customer or of all."""
        ...

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters, newest first."""
        ...

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Return one dead letter by its id, or by the beginning of it where that is unambiguous."""
        ...

    async def tallies(self) -> dict[tuple[str, str], int]:
        """Return the counters of (source, what)."""
        ...

    async def body_digest(self, claim: bytes) -> bytes | None:
        """Return the body digest that stands under a claim."""
        ...

    async def claim_count(self) -> int:
        """Return how many claims stand."""
        ...

    async def close(self) -> None:
        """Let go of the snapshot."""
        ...
