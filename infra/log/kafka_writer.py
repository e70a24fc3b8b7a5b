"""The one writer of a log on Kafka: every change is one transaction, decided by `LogTransaction`.

Look up, decide, commit to Kafka, bring the ledger up, read back what was written to ``crm.control``:
in this order, one transaction after the other.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self, TypeVar

from events.catalogue import CONTROL, FACTS
from events.control import ClockMode, LogCreated
from infra.clock import Clock, fresh_id
from infra.kafka.settings import KafkaSettings
from infra.log.head import LogHead
from infra.log.kafka_catching_up import (
    CatchingUp,
    check_reaches,
    current_progress,
    refuse_shorter,
)
from infra.log.kafka_control import ControlTail
from infra.log.kafka_fetching import KafkaFetcher, LogUnreadableError
from infra.log.kafka_storage import Committed, KafkaStorage, Known
from infra.log.kafka_transactions import OutcomeUnknownError, TransactionalProducer
from infra.log.port import NO_TALLIES, LogUnavailableError, Tallies
from infra.log.records import NewFact
from infra.log.redis_ledger import LedgerMovedError, LedgerState, RedisLedger
from infra.log.transaction import LogTransaction, create
from infra.log.writers import HalfRestoredError, LedgerAheadError, WriterFencedError

SECONDS_BETWEEN_TRIES = 0.2

T = TypeVar("T")


class LogReading(NamedTuple):
    """What the writer reads by."""

    fetcher: KafkaFetcher
    tail: ControlTail
    partitions: int


class KafkaWriter:
    """Writes by a thread of its own; the ledger and all reading stay on the event loop."""

    def __init__(
        self,
        producer: TransactionalProducer,
        ledger: RedisLedger,
        clock: Clock,
        thread: ThreadPoolExecutor,
    ) -> None:
        """Use `open`."""
        self._producer = producer
        self._ledger = ledger
        self._clock = clock
        self._thread = thread
        self._nonce = fresh_id()
        self._turn = 0
        self._one = asyncio.Lock()
        self._known: LedgerState | None = None  # None where Redis must be brought up first
        self._closed = False
        self._replaced: LedgerAheadError | None = None  # the facts are those of another topic

    @classmethod
    async def open(cls, settings: KafkaSettings, ledger: RedisLedger, clock: Clock) -> Self:
        """Become the one writer: from here on none that was open before can write.

        Raises `LogUnavailableError`.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log-writer")
        writer = cls(TransactionalProducer(settings), ledger, clock, thread)
        try:
            await writer._in_thread(writer._producer.open)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return writer

    async def begin(self, reading: LogReading) -> None:
        """Bring the ledger up. Raises `LogUnavailableError`."""
        self._reading = reading
        async with self._one:
            await self._ready(take_over=True)

    async def close(self) -> None:
        """Finish what is under way and let go of the producer."""
        self._closed = True
        async with self._one:
            await self._in_thread(self._producer.close)
        self._thread.shutdown(wait=False)

    async def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        async with self._one:
            await self._ready()
            return await self._look_up(claims)

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what)."""
        async with self._one:
            await self._ready()
            await self._ledger.count(tallies)

    async def create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        """Write the first records.

        Raises ``FileExistsError`` where there are some, `HalfRestoredError` where there are facts.
        """
        await _to_its_end(self._create(identity, clock_mode))

    async def _create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        async with self._one:
            await self._ready()
            if self._reading.tail.head is not None:
                raise FileExistsError("this log was created before")
            await self._refuse_half_a_log()
            now = self._clock.now()
            storage = self._storage({})
            create(storage, identity, clock_mode, now).flush()
            await self._write(storage, None)
            await self._ready(take_over=True)

    async def _refuse_half_a_log(self) -> None:
        """Facts are restored before control, so without control they are half of a log."""
        ends = await self._reading.fetcher.ends(FACTS, range(self._reading.partitions))
        if any(ends.values()):
            raise HalfRestoredError

    async def transact(
        self,
        work: Callable[[LogTransaction], T],
        facts: Sequence[NewFact] = (),
        tallies: Tallies = NO_TALLIES,
    ) -> tuple[T, Committed]:
        """Let ``work`` decide; return its answer once what it wrote stands, and where.

        ``facts`` are all that it will append. ``tallies`` are counted where it writes anything.
        Raises `LogUnavailableError` where nothing stands, and whatever ``work`` raises.
        """
        return await _to_its_end(self._transact(work, facts, tallies))

    async def _transact(
        self, work: Callable[[LogTransaction], T], facts: Sequence[NewFact], tallies: Tallies
    ) -> tuple[T, Committed]:
        async with self._one:
            await self._ready()
            head = self._reading.tail.head
            claims = await self._in_thread(lambda: [fact.claim() for fact in facts])
            known = await self._look_up(claims) if head is not None and claims else {}
            storage, now = self._storage(known), self._clock.now()
            answer = await self._in_thread(lambda: _decided(work, storage, head, now))
            if storage.has_control:
                storage.tallies = tallies
            try:
                return answer, await self._write(storage, head)
            except LedgerAheadError as error:
                self._replaced = error
                raise

    async def _write(self, storage: KafkaStorage, head: LogHead | None) -> Committed:
        """Commit what was collected; then the ledger, then until it was read back.

        Raises `LedgerAheadError` where ``crm.facts`` is not the topic that it was. A day is then not
        opened; facts are found in the new one, and nobody was told that they stand.
        """
        messages = await self._in_thread(storage.messages)
        offsets: Sequence[int] = ()
        known = {} if self._known is None else self._known.positions
        if head is not None and storage.has_control:
            await check_reaches(self._reading.fetcher, head, known)
        if messages:
            try:
                offsets = await self._in_thread(lambda: self._producer.commit(messages))
            except OutcomeUnknownError as unknown:
                offsets = await self._settled(unknown)
        for message, offset in zip(messages, offsets, strict=True):
            self._reading.fetcher.expect(message.topic, message.partition, offset)
        committed = storage.committed(offsets)
        if head is not None:
            refuse_shorter(head, known, committed.change.positions)
        await self._keep(committed, head)
        if committed.last_control is not None:
            await self._reading.tail.passed(committed.last_control)
        return committed

    async def _keep(self, committed: Committed, head: LogHead | None) -> None:
        """Bring the ledger up. The facts stand whether or not: the log is what it is made from."""
        change = committed.change
        if head is None or self._known is None or change.is_empty:
            return
        try:
            await self._ledger.commit(change)
        except LogUnavailableError:
            self._known = None  # the next transaction brings it up before it looks anything up
            return
        self._known = self._known.after(change)

    async def _settled(self, unknown: OutcomeUnknownError) -> Sequence[int]:
        """Return the offsets where they were committed after all, however long it takes to know.

        Raises `LogUnavailableError` where they were aborted.
        """
        first, offset = unknown.messages[0], unknown.offsets[0]
        while True:
            try:
                if not self._producer.is_open and not self._producer.is_fenced:
                    await self._reopen()
                fetched = await self._reading.fetcher.fetch(first.topic, first.partition, offset)
            except WriterFencedError:
                continue  # whoever took over has settled it
            except (LogUnavailableError, LogUnreadableError):
                if self._closed:
                    raise
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
                continue
            if fetched.records and fetched.records[0].offset == offset:
                return unknown.offsets
            if fetched.end > offset:
                break
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)
        if self._producer.is_fenced:
            raise WriterFencedError from unknown
        raise LogUnavailableError(
            "the brokers did not commit it, nothing of it stands"
        ) from unknown

    async def _ready(self, *, take_over: bool = False) -> None:
        """Have a producer that may commit, and a ledger at the end of the log, or raise."""
        if self._closed:
            raise LogUnavailableError("this log is closed")
        if self._producer.is_fenced:
            raise WriterFencedError
        if self._replaced is not None:
            raise self._replaced
        if not self._producer.is_open:
            await self._reopen()
        head = self._reading.tail.head
        if self._known is None and head is not None:
            self._ledger.bind(head.identity.log_id)
            if not take_over:
                await self._check_owner()
            state = await self._ledger.take(self._nonce)
            catching_up = CatchingUp(self._ledger, state, self._reading.tail, head)
            self._known = await catching_up.run(self._reading.fetcher, self._clock.now() // 1_000)

    async def _reopen(self) -> None:
        """Open the producer again, unless another writer has begun meanwhile."""
        await self._check_owner()
        await self._in_thread(self._producer.open)
        end = (await self._reading.fetcher.ends(CONTROL, [0]))[0]
        await self._reading.tail.passed(end - 1)

    async def _check_owner(self) -> None:
        owner = await self._ledger.owner() if self._ledger.is_bound else None
        if owner not in {None, self._nonce}:
            self._producer.is_fenced = True
            raise WriterFencedError

    async def _look_up(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Ask the ledger; where it is not as it was left, bring it up and ask again."""
        try:
            return await self._ledger.claimed(claims)
        except LedgerMovedError:
            self._known = None
            await self._ready()
            return await self._ledger.claimed(claims)

    def _storage(self, claims: dict[bytes, bytes]) -> KafkaStorage:
        self._turn += 1
        tail, state = self._reading.tail, self._known or LedgerState()
        progress = current_progress(state.progress, tail)
        known = Known(claims, progress, tail.import_began, state.arrivals)
        return KafkaStorage(self._reading.partitions, known, f"{self._nonce}-{self._turn}")

    async def _in_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


async def _to_its_end(writing: Coroutine[None, None, T]) -> T:
    """Return what it returns. Where the caller gives up, it goes on: a commit is not half done."""
    task = asyncio.ensure_future(writing)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(task)


def _decided(
    work: Callable[[LogTransaction], T], storage: KafkaStorage, head: LogHead | None, now: int
) -> T:
    transaction = LogTransaction(storage, head, now)
    if head is not None:
        transaction.let_speak()
    answer = work(transaction)
    transaction.flush()
    return answer
