"""A log in memory, with as many partitions as asked for. For tests and for trying things out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from events.control import (
    ClockMode,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from infra.clock import Clock
from infra.log.feeds import Arrival
from infra.log.head import LogHead
from infra.log.port import NO_TALLIES, Tallies
from infra.log.records import (
    AppendOutcome,
    ControlRecord,
    DeadLetter,
    FactRecord,
    NewFact,
    Output,
    OutputRecord,
)
from infra.log.transaction import LogTransaction, SeenDay, create


class MemoryStorage:
    """Lists and dicts behind `LogStorage`."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.facts: list[list[FactRecord]] = [[] for _ in range(partitions)]
        self.control: list[ControlRecord] = []
        self.claims: dict[bytes, bytes] = {}
        self.imports: dict[str, int] = {}
        self.arrived: set[Arrival] = set()

    def next_offset(self, partition: int) -> int:
        """Return the offset that the next record of a facts partition gets."""
        return len(self.facts[partition])

    def next_control_offset(self) -> int:
        """Return the offset that the next control record gets."""
        return len(self.control)

    def add_facts(self, partition: int, records: Sequence[FactRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        self.facts[partition].extend(records)

    def add_control(self, records: Sequence[ControlRecord]) -> None:
        """Insert records whose offsets follow on each other."""
        self.control.extend(records)

    def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        return {claim: self.claims[claim] for claim in claims if claim in self.claims}

    def add_claims(self, claims: Sequence[tuple[bytes, bytes]]) -> None:
        """Insert (claim, body digest) pairs, none of which stands."""
        self.claims.update(claims)

    def import_done(self, import_id: str) -> int:
        """Return how many facts of an import are behind it, 0 for an unknown one."""
        return self.imports.get(import_id, 0)

    def set_import_done(self, import_id: str, done: int) -> None:
        """Keep how many facts of an import are behind it."""
        self.imports[import_id] = done

    def arrivals(self) -> set[Arrival]:
        """Return the days of scheduled feeds that came and are not closed yet."""
        return set(self.arrived)

    def set_arrivals(self, arrivals: AbstractSet[Arrival]) -> None:
        """Keep just these."""
        self.arrived = set(arrivals)


class MemoryLog:
    """`EventLog` in memory; lost with the process."""

    def __init__(self, partitions: int, clock: Clock) -> None:
        self.partitions = partitions
        self.storage = MemoryStorage(partitions)
        self.outputs: dict[tuple[str, int], dict[int, OutputRecord]] = {}
        self.dead_letters: dict[str, DeadLetter] = {}
        self.tallies: Counter[tuple[str, str]] = Counter()
        self._head: LogHead | None = None
        self._clock = clock

    @property
    def head(self) -> LogHead | None:
        """Where the log stands; None before `create`."""
        return self._head

    async def create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        """Write the first records."""
        if self._head is not None:
            raise FileExistsError("this log was created before")
        self._commit(create(self.storage, identity, clock_mode, self._clock.now()))

    async def create_projection(self, created: ProjectionCreated) -> None:
        """Write a projection's first record, and the marks by which it emits."""
        transaction = self._begin()
        transaction.create_projection(created)
        self._commit(transaction)

    async def switch_projection(self, projection: str) -> None:
        """Let a rebuilt projection take over by a live mark in every partition."""
        transaction = self._begin()
        transaction.switch(projection)
        self._commit(transaction)

    async def decide_model(self, decided: ModelDecided) -> None:
        """Write a decision; where one stands for that projection and day, that one does."""
        transaction = self._begin()
        transaction.decide_model(decided)
        self._commit(transaction)

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        """Append facts, one outcome a fact, in order."""
        transaction = self._begin()
        outcomes = transaction.append(facts, import_id, done)
        self._commit(transaction)
        return outcomes

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        return self.storage.claimed(claims)

    async def advance(self, up_to: int) -> None:
        """Open every day up to this one."""
        transaction = self._begin()
        transaction.advance(up_to)
        self._commit(transaction)

    async def set_clock_mode(self, mode: ClockMode) -> None:
        """Change what "now" means."""
        transaction = self._begin()
        transaction.set_clock_mode(mode)
        self._commit(transaction)

    async def schedule(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day."""
        transaction = self._begin()
        transaction.schedule(scheduled)
        self._commit(transaction)

    async def begin_import(self, import_id: str, facts: int, seen: SeenDay | None = None) -> int:
        """Take the log for an import; return how many of its facts are done."""
        transaction = self._begin()
        done = transaction.begin_import(import_id, facts, seen)
        self._commit(transaction)
        return done

    async def end_import(
        self, import_id: str, *, finished: bool, tallies: Tallies = NO_TALLIES
    ) -> None:
        """Give the log back, and count what came of the import."""
        transaction = self._begin()
        if transaction.suspended_by is None:
            return
        transaction.end_import(import_id, finished=finished)
        self._commit(transaction)
        await self.count(tallies)

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters; one that is kept already is left alone."""
        for letter in letters:
            self.dead_letters.setdefault(letter.id, letter)

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what)."""
        self.tallies.update(tallies)

    async def control_records(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        return tuple(self.storage.control)

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records whose offset is above ``after``, in order."""
        return self.storage.facts[partition][after + 1 : after + 1 + limit]

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition."""
        return len(self.storage.facts[partition]) - 1

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Keep outputs; a sequence that stands already is left alone."""
        kept = self.outputs.setdefault((projection, partition), {})
        for output in outputs:
            if output.sequence not in kept:
                kept[output.sequence] = OutputRecord.of(
                    output, len(kept), projection, partition, self._clock.now()
                )

    async def read_outputs(
        self, topic: str, projection: str, partition: int, after: int, limit: int
    ) -> Sequence[OutputRecord]:
        """Return up to ``limit`` records whose sequence is above ``after``, in order."""
        kept = self.outputs.get((projection, partition), {})
        ahead = sorted(
            number for number, record in kept.items() if number > after and record.topic == topic
        )
        return [kept[number] for number in ahead[:limit]]

    async def close(self) -> None:
        """Nothing is held."""

    def _begin(self) -> LogTransaction:
        return LogTransaction(self.storage, self._head, self._clock.now())

    def _commit(self, transaction: LogTransaction) -> None:
        transaction.flush()
        self._head = transaction.head
