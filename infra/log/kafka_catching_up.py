"""Brings the ledger in Redis up to the end of ``crm.facts``, from where it stands or from its horizon."""

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from events.calendar import date_of
from events.catalogue import FACTS, REGISTRY
from events.marks import DayOpened
from infra.ending import ended
from infra.log.arrivals import Arrivals
from infra.log.feeds import Arrival
from infra.log.head import LogHead
from infra.log.kafka_control import ControlTail
from infra.log.kafka_fetching import END, KafkaFetcher
from infra.log.kafka_records import IMPORT_BEGAN_HEADER, IMPORT_HEADER, Consumed, fact_of
from infra.log.records import NewFact
from infra.log.redis_ledger import ImportProgress, LedgerChange, LedgerState, RedisLedger
from infra.log.writers import LedgerAheadError

CLAIMS_A_COMMIT = 4_000
PARTITIONS_AT_ONCE = 8
SECONDS_UNTIL_SEEN = 5.0
"""Brokers answer a commit before readers see it, which takes far less."""

SECONDS_BETWEEN_LOOKS = 0.01
SLACK_MS = 600_000
"""Clocks of brokers may differ by so much."""


class CatchingUp:
    """Reads facts that the ledger has not seen, and keeps what follows from them."""

    def __init__(
        self, ledger: RedisLedger, state: LedgerState, tail: ControlTail, head: LogHead
    ) -> None:
        self._ledger = ledger
        self._state = state
        self._tail = tail
        self._head = head
        self._arrived = Arrived(state.arrivals)
        self._arrivals = Arrivals(self._arrived)
        self._progress = current_progress(state.progress, tail)
        self._writing = asyncio.Lock()

    async def run(self, fetcher: KafkaFetcher, now_ms: int) -> LedgerState:
        """Return what the ledger holds once it is at the end.

        Raises `LogUnavailableError`, and `LedgerAheadError` where it is beyond the end.
        """
        ends = await fetcher.ends(FACTS, range(fetcher.partitions(FACTS)))
        refuse_shorter(self._head, self._state.positions, ends)
        unknown = [partition for partition in ends if partition not in self._state.positions]
        since = self._needed_since(now_ms)
        starts = dict(self._state.positions)
        if unknown:
            starts |= await fetcher.offsets(FACTS, dict.fromkeys(unknown, since))
        room = asyncio.Semaphore(PARTITIONS_AT_ONCE)

        async def read(partition: int) -> None:
            async with room:
                await self._read(fetcher, partition, (starts[partition], ends[partition]))

        reading = [asyncio.create_task(read(partition)) for partition in ends]
        try:
            await asyncio.gather(*reading)
        finally:
            await ended(*reading)
        control = self._tail.next_offset
        tallies: dict[tuple[str, str], int] = {}
        for counted in self._tail.tallies:
            if counted.offset >= self._state.control:
                for source, what, number in counted.rows:
                    tallies[source, what] = tallies.get((source, what), 0) + number
        await self._commit(LedgerChange((), dict(ends), control, tallies=tallies))
        return LedgerState(dict(ends), control, self._progress, self._arrived.arrivals_kept())

    async def _read(self, fetcher: KafkaFetcher, partition: int, span: tuple[int, int]) -> None:
        offset, end = span
        claims: list[tuple[bytes, bytes]] = []
        while offset < end:
            fetched = await fetcher.fetch(FACTS, partition, offset)
            for message in fetched.records:
                self._note_progress(message)
                if message.key is not None:
                    fact = new_fact_of(message)
                    claims.append((fact.claim(), fact.body_digest()))
                    self._arrivals.note(fact, self._head.feeds)
            offset = fetched.next_offset
            if len(claims) >= CLAIMS_A_COMMIT or offset >= end or fetched.is_all:
                await self._commit(LedgerChange(claims, {partition: offset}))
                claims = []
            if fetched.is_all:
                return

    async def _commit(self, change: LedgerChange) -> None:
        async with self._writing:
            self._arrivals.flush()
            await self._ledger.commit(
                LedgerChange(
                    change.claims,
                    change.positions,
                    change.control,
                    self._progress,
                    self._arrived.arrivals_kept(),
                    change.tallies,
                )
            )

    def _note_progress(self, message: Consumed) -> None:
        found = dict(message.headers)
        began, progress = found.get(IMPORT_BEGAN_HEADER), found.get(IMPORT_HEADER)
        if began is None or progress is None or int(began) != self._tail.import_began:
            return
        import_id, _, done = progress.decode().rpartition(":")
        known = 0 if self._progress is None else self._progress.done
        self._progress = ImportProgress(import_id, int(began), max(known, int(done)))

    def _needed_since(self, now_ms: int) -> int:
        """Return from when on facts matter: the horizon, an import, days of feeds not closed yet."""
        times = [now_ms - self._ledger.horizon_ms]
        if self._head.hold is not None:
            times.append(self._appended_ms(self._tail.import_began))
        if self._head.feeds:
            times.append(self._opening_ms())
        return max(0, min(times) - SLACK_MS)

    def _opening_ms(self) -> int:
        """Return when the first day was opened that a feed has not closed."""
        days = [feed.next_day for feed in self._head.feeds.values()]
        first = None if None in days else min(day for day in days if day is not None)
        wanted = None if first is None else date_of(first)
        for record in self._tail.records:
            event = REGISTRY.decode(record.type, record.data)
            if isinstance(event, DayOpened) and (wanted is None or event.day >= wanted):
                return record.appended // 1_000
        return self._tail.records[-1].appended // 1_000

    def _appended_ms(self, offset: int) -> int:
        return next(
            record.appended // 1_000 for record in self._tail.records if record.offset == offset
        )


def refuse_shorter(head: LogHead, known: Mapping[int, int], ends: Mapping[int, int]) -> None:
    """Raise `LedgerAheadError` where a facts partition ends before what is known of it."""
    for partition, offset in known.items():
        if offset > ends.get(partition, offset):
            raise LedgerAheadError(head.identity.log_id, partition, offset, ends[partition])


async def check_reaches(fetcher: KafkaFetcher, head: LogHead, known: Mapping[int, int]) -> None:
    """Raise `LedgerAheadError` where the facts do not reach as far as is known, and do not soon."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SECONDS_UNTIL_SEEN
    while True:
        ends = await fetcher.offsets(FACTS, dict.fromkeys(known, END))
        if all(ends[partition] >= offset for partition, offset in known.items()):
            return
        if loop.time() > deadline:
            refuse_shorter(head, known, ends)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


class Arrived:
    """The days of feeds that came, as `Arrivals` asks for them."""

    def __init__(self, arrivals: AbstractSet[Arrival]) -> None:
        self._arrivals = frozenset(arrivals)

    def arrivals(self) -> set[Arrival]:
        """Return the days that came."""
        return set(self._arrivals)

    def set_arrivals(self, arrivals: AbstractSet[Arrival]) -> None:
        """Keep just these."""
        self._arrivals = frozenset(arrivals)

    def arrivals_kept(self) -> frozenset[Arrival]:
        """Return what is kept."""
        return self._arrivals


def current_progress(progress: ImportProgress | None, tail: ControlTail) -> ImportProgress | None:
    """Return the progress of the import that has the log, if it is that one's."""
    hold = None if tail.head is None else tail.head.hold
    if hold is None or progress is None:
        return None
    same = progress.import_id == hold.import_id and progress.began == tail.import_began
    return progress if same else None


def new_fact_of(message: Consumed) -> NewFact:
    """Return a fact as the door handed it to the log. Raises `DamagedMessageError`."""
    record = fact_of(message)
    if record.customer_id is None or record.source is None or record.id is None:
        raise TypeError(f"offset {record.offset} holds a mark")
    return NewFact(
        record.type,
        record.customer_id,
        record.source,
        record.id,
        record.time,
        0 if record.day is None else record.day,
        record.data,
    )
