"""A group of workers in one process: a log in memory, states that others may take, a feed that is given and taken."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from domain.customer.fold import CustomerFold
from infra.health.board import HealthBoard
from infra.health.figures import WorkerFigures
from infra.log.memory import MemoryLog
from infra.log.port import OutputPublisher
from infra.log.records import FactRecord
from infra.state.memory import MemoryStateStore
from infra.state.port import Commit, Position, PositionConflictError, StateStore
from infra.stream.kafka_group import PartitionRevokedError
from infra.stream.models import DayModels, StartModels
from infra.stream.partition_worker import Workplace
from infra.stream.partition_workers import PartitionWorkers
from infra.stream.runner import new_fold_thread
from tests.support.world import PROJECTION, StoppedClock, World


class GivenFeed:
    """Reads a log in memory, for as long as a partition is given."""

    def __init__(self, log: MemoryLog) -> None:
        self.folded: dict[int, int] = {}
        self.given: set[int] = set(range(log.partitions))
        self.waiting: set[int] = set()
        self._moments = 0
        self._log = log
        self._changed = asyncio.Condition()

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        self._check(partition)
        return await self._log.read_facts(partition, after, limit)

    async def end_offset(self, partition: int) -> int:
        return await self._log.end_offset(partition)

    async def wait_for_more(self, partition: int) -> None:
        end, moment = await self._log.end_offset(partition), self._moments
        self.waiting.add(partition)
        async with self._changed:
            self._changed.notify_all()
            while (self._log.storage.next_offset(partition), self._moments) == (end + 1, moment):
                self._check(partition)
                await self._changed.wait()
        self.waiting.discard(partition)

    def note_folded(self, partition: int, offset: int) -> None:
        self.folded[partition] = offset

    def ahead_of(self, partition: int, offset: int) -> int:
        return self._log.storage.next_offset(partition) - 1 - offset

    def oldest_ahead(self, partition: int, offset: int) -> int | None:
        records = self._log.storage.facts[partition][offset + 1 :]
        return records[0].appended if records else None

    async def take(self, *partitions: int) -> None:
        """Take partitions away."""
        self.given -= set(partitions)
        await self.wake()

    async def pass_a_moment(self) -> None:
        """Let everybody wait no longer."""
        self._moments += 1
        self.waiting.clear()
        await self.wake()

    async def wake(self) -> None:
        """Let everybody look again."""
        async with self._changed:
            self._changed.notify_all()

    async def until_idle(self, *partitions: int) -> None:
        """Wait until all that there is of these was folded."""
        async with self._changed:
            await self._changed.wait_for(lambda: set(partitions) <= self.waiting)

    def _check(self, partition: int) -> None:
        if partition not in self.given:
            raise PartitionRevokedError(f"partition {partition}")


class LeasedStates:
    """The states of one partition; opened anew, whoever had them before cannot commit any more."""

    def __init__(self) -> None:
        self.rows = MemoryStateStore()
        self.lease = 0
        self.opened = 0
        self.before_commit: list[Exception] = []

    async def open(self) -> StateStore:
        self.lease += 1
        self.opened += 1
        return _Leased(self, self.lease)


class _Leased:
    """`StateStore` of one opening."""

    def __init__(self, states: LeasedStates, lease: int) -> None:
        self._states = states
        self._lease = lease
        rows = states.rows
        self.position, self.load, self.due = rows.position, rows.load, rows.due
        self.standing, self.quarantined, self.close = rows.standing, rows.quarantined, rows.close

    async def commit(self, expected: Position, commit: Commit) -> None:
        if self._states.before_commit:
            raise self._states.before_commit.pop(0)
        if self._lease != self._states.lease:
            raise PositionConflictError("another worker has the lease")
        await self._states.rows.commit(expected, commit)


class WatchedBoard(HealthBoard):
    """A board that tells when something stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.stands_still = asyncio.Event()

    def halted(self, part: str, reason: str) -> None:
        super().halted(part, reason)
        self.stands_still.set()


class Group:
    """Workers over all partitions of a world."""

    def __init__(self, world: World, models: DayModels | None = None) -> None:
        self.world = world
        self.feed = GivenFeed(world.log)
        self.states = [LeasedStates() for _ in world.stores]
        world.stores = [states.rows for states in self.states]
        self.board = WatchedBoard()
        self.registry = CollectorRegistry()
        self.figures = WorkerFigures(self.registry)
        self.models = models or StartModels()
        self.publisher: OutputPublisher = world.log

    def figure(self, name: str, partition: int) -> float | None:
        """What is shown of a partition; None where nothing is."""
        return self.registry.get_sample_value(name, {"partition": str(partition)})

    @asynccontextmanager
    async def working(self, seconds: float = 5.0) -> AsyncIterator[PartitionWorkers]:
        """Workers of one process, given every partition; all is handed over at the end."""
        with new_fold_thread() as thread:
            place = Workplace(
                PROJECTION,
                CustomerFold("GBP"),
                self.feed,
                self.publisher,
                lambda partition: self.states[partition].open(),
                self.models,
                thread,
                self.board,
                self.figures,
                StoppedClock(),
            )
            workers = PartitionWorkers(place, seconds)
            await workers.assigned(sorted(self.feed.given))
            try:
                yield workers
            finally:
                await self.feed.take(*range(self.world.log.partitions))
                await workers.revoked(list(workers.workers))
