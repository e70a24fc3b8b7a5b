"""One transaction on Kafka as `LogStorage`: what it needs is known before, what it adds are messages.

Real offsets are known once the brokers have the messages, so a record gets a placeholder before:
its partition and its number there.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from infra.log.feeds import Arrival
from infra.log.kafka_records import (
    IMPORT_BEGAN_HEADER,
    IMPORT_HEADER,
    TALLIES_HEADER,
    Message,
    control_message,
    fact_message,
)
from infra.log.port import Tallies
from infra.log.records import Appended, AppendOutcome, ControlRecord, FactRecord
from infra.log.redis_ledger import ImportProgress, LedgerChange

_PARTITION_SHIFT = 40
_NUMBER = (1 << _PARTITION_SHIFT) - 1


class Known(msgspec.Struct, frozen=True):
    """What a transaction looks up. ``progress`` is that of the import that has the log."""

    claims: Mapping[bytes, bytes]
    progress: ImportProgress | None
    import_began: int
    arrivals: frozenset[Arrival]


class KafkaStorage:
    """Collects what one transaction adds. ``name`` tells its marks from those of every other."""

    def __init__(self, partitions: int, known: Known, name: str) -> None:
        self.partitions = partitions
        self.tallies: Tallies = {}
        self._known = known
        self._name = name
        self._facts: dict[int, Sequence[FactRecord]] = {}
        self._control: Sequence[ControlRecord] = ()
        self._claims: Sequence[tuple[bytes, bytes]] = ()
        self._progress: ImportProgress | None = None
        self._arrivals: frozenset[Arrival] | None = None

    @property
    def has_control(self) -> bool:
        """Whether the transaction writes to ``crm.control``."""
        return bool(self._control)

    def next_offset(self, partition: int) -> int:
        """Return the placeholder of the first record of a facts partition."""
        return partition << _PARTITION_SHIFT

    def next_control_offset(self) -> int:
        """Return a placeholder."""
        return 0

    def add_facts(self, partition: int, records: Sequence[FactRecord]) -> None:
        """Keep all that the transaction adds to a partition."""
        self._facts[partition] = records

    def add_control(self, records: Sequence[ControlRecord]) -> None:
        """Keep all that the transaction adds to ``crm.control``."""
        self._control = records

    def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        known = self._known.claims
        return {claim: known[claim] for claim in claims if claim in known}

    def add_claims(self, claims: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep (claim, body digest) pairs, none of which stands."""
        self._claims = claims

    def import_done(self, import_id: str) -> int:
        """Return how many facts of the import that has the log are behind it, 0 for another."""
        progress = self._known.progress
        return progress.done if progress and progress.import_id == import_id else 0

    def set_import_done(self, import_id: str, done: int) -> None:
        """Keep how many facts of an import are behind it."""
        self._progress = ImportProgress(import_id, self._known.import_began, done)

    def arrivals(self) -> set[Arrival]:
        """Return the days of scheduled feeds that came and are not closed yet."""
        return set(self._known.arrivals)

    def set_arrivals(self, arrivals: AbstractSet[Arrival]) -> None:
        """Keep just these."""
        self._arrivals = frozenset(arrivals)

    def messages(self) -> list[Message]:
        """Return what is to be produced: facts partition by partition, then control."""
        facts = [
            fact_message(partition, record, f"{self._name}-{partition}-{number}")
            for partition, records in self._facts.items()
            for number, record in enumerate(records)
        ]
        if self._progress is not None:
            progress = self._progress
            last = -1
            for records in self._facts.values():
                last += len(records)
                text = f"{progress.import_id}:{progress.done}"
                facts[last].headers.append((IMPORT_HEADER, text.encode()))
                facts[last].headers.append((IMPORT_BEGAN_HEADER, str(progress.began).encode()))
        control = [
            control_message(record, f"{self._name}-control-{number}")
            for number, record in enumerate(self._control)
        ]
        if control and self.tallies:
            rows = [(*source_and_what, number) for source_and_what, number in self.tallies.items()]
            control[-1].headers.append((TALLIES_HEADER, msgspec.json.encode(rows)))
        return facts + control

    def committed(self, offsets: Sequence[int]) -> "Committed":
        """Return what came of it, with the offset that each message got."""
        places: dict[int, Sequence[int]] = {}
        start = 0
        for partition, records in self._facts.items():
            places[partition] = offsets[start : start + len(records)]
            start += len(records)
        control = offsets[start:]
        change = LedgerChange(
            self._claims,
            {partition: own[-1] + 1 for partition, own in places.items()},
            control[-1] + 1 if control else None,
            self._progress,
            self._arrivals,
            self.tallies,
        )
        return Committed(places, control[-1] if control else None, change)


class Committed(msgspec.Struct, frozen=True):
    """Where the facts of each partition stand, the last control record, and what the ledger gets."""

    places: Mapping[int, Sequence[int]]
    last_control: int | None
    change: LedgerChange

    def placed(self, outcomes: Sequence[AppendOutcome]) -> list[AppendOutcome]:
        """Return outcomes with real offsets in place of placeholders."""
        return [
            Appended(self.places[one.offset >> _PARTITION_SHIFT][one.offset & _NUMBER])
            if isinstance(one, Appended)
            else one
            for one in outcomes
        ]
