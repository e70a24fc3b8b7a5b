"""The fact archive: what cards, lists and proofs read. Implemented by `sqlite.py`, `postgres.py`.

Everything is read as of one moment: an archive is a snapshot that later writes do not reach.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from events.values import CustomerId
from infra.log.head import LogHead
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord


class ListedLetter(NamedTuple):
    """A dead letter without its bytes; ``size`` is how many there are."""

    id: str
    source: str
    reason: str
    detail: str
    place: str
    mend: str
    received: int
    size: int


class KeptClaims(Protocol):
    """The claims of all facts of a log, for as long as it has them."""

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each of these claims that stands."""
        ...

    async def claim_count(self) -> int:
        """Return how many claims stand."""
        ...


class FactArchive(Protocol):
    """Reads of one snapshot of the log, in all its partitions.

    ``dense`` tells whether offsets follow on each other without gaps; those of a Kafka log do not.
    ``claims`` are the claims of all facts, None where they are kept elsewhere and for a few days
    only.
    """

    partitions: int
    dense: bool

    @property
    def claims(self) -> KeptClaims | None:
        """The claims of all facts, where the archive has them."""
        ...

    async def head(self) -> LogHead | None:
        """Return where the log stands; None for one that was never created."""
        ...

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """Return from which offset each (topic, partition) is read on: all before that was fed.

        Nothing where the archive is the log itself.
        """
        ...

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last fact or mark, -1 for none."""
        ...

    async def customers(self) -> Sequence[CustomerId]:
        """Return every customer with a fact, in id order."""
        ...

    async def customer_count(self) -> int:
        """Return how many customers have a fact, without looking at all facts."""
        ...

    async def first_fact(self, customer_id: CustomerId) -> FactRecord | None:
        """Return a customer's first fact; None for a customer without any."""
        ...

    async def slice(self, customer_id: CustomerId, up_to: int) -> Sequence[FactRecord]:
        """Return a customer's facts up to an offset, in order."""
        ...

    async def marks(self, partition: int, up_to: int) -> Sequence[FactRecord]:
        """Return a partition's marks up to an offset, in order."""
        ...

    async def fact_count(self, partition: int) -> int:
        """Return how many facts a partition was given, without looking at them."""
        ...

    async def mark_count(self, partition: int) -> int:
        """Return how many marks a partition was given."""
        ...

    async def newest_facts(
        self, partition: int, limit: int, customer_id: CustomerId | None
    ) -> Sequence[FactRecord]:
        """Return the last facts of one customer (None: facts and marks of all), oldest first."""
        ...

    def facts(self, partition: int, after: int) -> AsyncIterator[FactRecord]:
        """Iterate over facts and marks above an offset, in order."""
        ...

    async def control(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        ...

    async def control_count(self) -> int:
        """Return how many control records were written, whether all of them are there or not."""
        ...

    async def outputs_of(
        self, customer_id: CustomerId, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of a customer, by sequence.

        Only sequences below ``below``, over all derived topics.
        """
        ...

    async def outputs_of_nobody(
        self, partition: int, projection: str, below: int
    ) -> Sequence[OutputRecord]:
        """Return what a projection said of no customer in a partition, by sequence."""
        ...

    async def output_subjects(self, projection: str) -> Sequence[CustomerId]:
        """Return every customer of whom a projection said anything, in id order."""
        ...

    def snapshots(self, projection: str, partition: int) -> AsyncIterator[OutputRecord]:
        """Iterate over a projection's records of ``crm.snapshots`` in a partition, by sequence.

        A few at a time, however many there are.
        """
        ...

    async def newest_outputs(
        self, topic: str, limit: int, customer_id: CustomerId | None
    ) -> Sequence[OutputRecord]:
        """Return the last records of a derived topic, of one customer or of all, oldest first."""
        ...

    async def outputs_between(
        self, topic: str, projection: str, after: int, up_to: int
    ) -> Sequence[OutputRecord]:
        """Return what was said under a name with sequences above one and up to another, in order.

        Of all partitions; made for ``crm.tasks``, where sequences are in one line.
        """
        ...

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters with their bytes, newest first."""
        ...

    async def listed_letters(self, limit: int) -> Sequence[ListedLetter]:
        """Return the newest dead letters without reading their bytes, newest first."""
        ...

    async def letter_counts(self) -> Mapping[str, int]:
        """Return how many dead letters there are of each reason."""
        ...

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Return one dead letter by its id, or by the beginning of it where that is unambiguous."""
        ...

    async def tallies(self) -> dict[tuple[str, str], int]:
        """Return the counters of (source, what)."""
        ...

    async def close(self) -> None:
        """Let go of the snapshot."""
        ...
