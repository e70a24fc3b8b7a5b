"""The log of Kafka mode: any number of processes read and publish, one of them writes.

With a ledger it is the writer and has everything that `EventLog` has. Without one it reads, publishes
outputs and dead letters, creates projections and decides models; all else is `NotTheWriterError`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Self, TypeVar

from events import codec
from events.calendar import day_number
from events.catalogue import CONTROL, FACTS, REGISTRY
from events.control import (
    ClockMode,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from infra.clock import Clock, fresh_id
from infra.kafka.settings import KafkaSettings
from infra.log.head import ControlEvent, LogHead
from infra.log.kafka_control import ControlTail
from infra.log.kafka_facts import FactPlaces
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_outputs import OutputLanes, Source
from infra.log.kafka_producing import MessagePublisher
from infra.log.kafka_records import control_message, letter_message, output_message
from infra.log.kafka_voice import FirstVoice
from infra.log.kafka_watch import Watch
from infra.log.kafka_writer import KafkaWriter, LogReading
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
from infra.log.redis_ledger import RedisLedger
from infra.log.shared_appends import SharedAppends
from infra.log.transaction import LogTransaction, SeenDay
from infra.log.writers import NotTheWriterError

T = TypeVar("T")


class KafkaLog:
    """`EventLog` on the topics of one prefix."""

    def __init__(self, settings: KafkaSettings, clock: Clock, reading: LogReading) -> None:
        """Use `open`."""
        self.partitions = reading.partitions
        self._reading = reading
        self._clock = clock
        self._facts = FactPlaces(reading.fetcher)
        self._outputs = OutputLanes(reading.fetcher)
        self._publisher = MessagePublisher(settings)
        self._watch = Watch(settings, reading.tail)
        self._writing: KafkaWriter | None = None
        self._shared = SharedAppends(self._append_together)
        self._closing = AsyncExitStack()

    @classmethod
    async def open(
        cls, settings: KafkaSettings, clock: Clock, ledger: RedisLedger | None = None
    ) -> Self:
        """Open the log: with a ledger as its writer, which fences the one before.

        Raises:
            TopicMissingError: `holdfast topics apply` was not run.
            DamagedControlError: ``crm.control`` cannot be read.
            LogUnreadableError: the brokers do not answer.
            LogUnavailableError: the brokers do not let it write, or Redis does not answer.
        """
        async with AsyncExitStack() as opened:
            writer = None if ledger is None else await KafkaWriter.open(settings, ledger, clock)
            if writer is not None:
                opened.push_async_callback(writer.close)
            fetcher = await KafkaFetcher.open(settings)
            opened.push_async_callback(fetcher.close)
            tail = await ControlTail.open(settings)
            opened.push_async_callback(tail.close)
            log = cls(settings, clock, LogReading(fetcher, tail, fetcher.partitions(FACTS)))
            opened.push_async_callback(log._publisher.close)
            opened.push_async_callback(log._watch.close)
            if writer is not None:
                await writer.begin(log._reading)
                log._writing = writer
                opened.push_async_callback(FirstVoice(writer, tail).close)
            log._closing = opened.pop_all()
            return log

    @property
    def head(self) -> LogHead | None:
        """Where the log stands, as read back; None before `create`."""
        return self._reading.tail.head

    async def create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        """Write the first records. Raises ``FileExistsError`` where the log was created before."""
        await self._writer.create(identity, clock_mode)

    async def create_projection(self, created: ProjectionCreated) -> None:
        """Write a projection's first record; the writer adds the marks by which it emits."""
        if self._writing is not None:
            await self._transact(lambda transaction: transaction.create_projection(created))
        else:
            await self._write_control(created)

    async def switch_projection(self, projection: str) -> None:
        """Let a rebuilt projection take over by a live mark in every partition."""
        await self._transact(lambda transaction: transaction.switch(projection))

    async def decide_model(self, decided: ModelDecided) -> None:
        """Write a decision durably; where one stands for that projection and day, that one does."""
        if self._writing is not None:
            await self._transact(lambda transaction: transaction.decide_model(decided))
            return
        await self.catch_up()
        up_to = None if self.head is None else self.head.decided_up_to(decided.projection)
        if up_to is None or day_number(decided.day) > up_to:
            await self._write_control(decided)

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        """Append facts and return when they stand durably, one outcome a fact, in order."""
        if import_id is None:
            return await self._shared.append(facts)
        outcomes, committed = await self._writer.transact(
            lambda transaction: transaction.append(facts, import_id, done), facts
        )
        return committed.placed(outcomes)

    async def _append_together(
        self, groups: Sequence[Sequence[NewFact]]
    ) -> Sequence[Sequence[AppendOutcome]]:
        together, committed = await self._writer.transact(
            lambda transaction: [transaction.append(facts, None) for facts in groups],
            [fact for facts in groups for fact in facts],
        )
        return [committed.placed(outcomes) for outcomes in together]

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands, of the ledger's horizon."""
        return await self._writer.claimed(claims)

    async def advance(self, up_to: int) -> None:
        """Open every day up to this one, in one transaction."""
        await self._transact(lambda transaction: transaction.advance(up_to))

    async def set_clock_mode(self, mode: ClockMode) -> None:
        """Change what "now" means."""
        await self._transact(lambda transaction: transaction.set_clock_mode(mode))

    async def schedule(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day."""
        await self._transact(lambda transaction: transaction.schedule(scheduled))

    async def begin_import(self, import_id: str, facts: int, seen: SeenDay | None = None) -> int:
        """Take the log for an import; return how many of its facts are done."""
        return await self._transact(
            lambda transaction: transaction.begin_import(import_id, facts, seen)
        )

    async def end_import(
        self, import_id: str, *, finished: bool, tallies: Tallies = NO_TALLIES
    ) -> None:
        """Give the log back, and count what came of the import in the same transaction."""
        await self._writer.transact(
            lambda transaction: transaction.end_import(import_id, finished=finished),
            tallies=tallies,
        )

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters durably; who reads them takes the first of each id."""
        await self._publisher.publish(list(map(letter_message, letters)))

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what)."""
        await self._writer.count(tallies)

    async def control_records(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        await self.catch_up()
        return list(self._reading.tail.records)

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records whose offset is above ``after``, in order.

        Offsets have gaps: Kafka keeps markers between them.
        """
        return await self._facts.read(partition, after, limit)

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition."""
        return await self._facts.end_offset(partition)

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Return when the outputs stand durably; readers drop a sequence that stands already."""
        ordered = sorted(outputs, key=lambda output: output.sequence)
        await self._publisher.publish(
            [output_message(projection, partition, output) for output in ordered]
        )

    async def read_outputs(
        self, topic: str, projection: str, partition: int, after: int, limit: int
    ) -> Sequence[OutputRecord]:
        """Return up to ``limit`` records whose sequence is above ``after``, in order."""
        if not 0 <= partition < self.partitions:
            return []
        return await self._outputs.read(Source(topic, projection, partition), after, limit)

    async def catch_up(self) -> None:
        """Return once the head holds everything that stood in ``crm.control`` at the call."""
        end = (await self._reading.fetcher.ends(CONTROL, [0]))[0]
        await self._reading.tail.passed(end - 1)

    async def wait_for_more(self) -> None:
        """Return once control or outputs that are read here moved, at latest after a moment."""
        await self._watch.more(self._outputs.topics)

    async def close(self) -> None:
        """Finish what is under way and let go of connections and threads."""
        await self._closing.aclose()

    @property
    def _writer(self) -> KafkaWriter:
        if self._writing is None:
            raise NotTheWriterError
        return self._writing

    async def _transact(self, work: Callable[[LogTransaction], T]) -> T:
        answer, _ = await self._writer.transact(work)
        return answer

    async def _write_control(self, event: ControlEvent) -> None:
        """Add a record by itself, and return once it was read back."""
        fields = (0, REGISTRY.name_of(event), self._clock.now(), codec.encode(event))
        record = ControlRecord(*fields, codec.digest_of_fields(*fields))
        ((_, offset),) = await self._publisher.publish([control_message(record, fresh_id())])
        await self._reading.tail.passed(offset)
