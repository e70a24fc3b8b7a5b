"""Workers that take a partition from each other, and zombies that go on: what they publish agrees.

Outputs are published before the commit that would be refused, and the first of a sequence stands. So
it is not enough that a zombie commits nothing: what it publishes must be what its successor would.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import settings as how_many
from hypothesis import strategies as some
from redis.asyncio import Redis

from infra.log.head import LogHead
from infra.log.memory import MemoryLog
from infra.log.records import FactRecord, Output
from infra.state.port import LeaseLostError, PositionConflictError, StoreIdentity
from infra.state.redis import RedisStateStore
from infra.stream.runner import Limits, PartitionRunner
from tests.support.given import DAY, orders
from tests.support.histories import arrivals, happenings, play, regular
from tests.support.redis_server import RedisServer
from tests.support.redis_states import a_log_of_its_own, connected
from tests.support.world import World, awaited, fold_partition, new_runner

LIMITS = Limits(records_a_read=5, customers_a_commit=2)


class AgreeingLog:
    """A log to which nobody publishes something else under a sequence that stands."""

    def __init__(self, inner: MemoryLog) -> None:
        self.inner = inner
        self.published: dict[int, Output] = {}
        self.before_publishing: Callable[[], Awaitable[None]] | None = None

    @property
    def head(self) -> LogHead | None:
        return self.inner.head

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        interrupted, self.before_publishing = self.before_publishing, None
        if interrupted is not None:
            await interrupted()
        for output in outputs:
            assert self.published.setdefault(output.sequence, output) == output
        await self.inner.publish(projection, partition, outputs)

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        return await self.inner.read_facts(partition, after, limit)

    async def end_offset(self, partition: int) -> int:
        return await self.inner.end_offset(partition)


class Opens(NamedTuple):
    """A worker takes the partition."""

    worker: int


class Advances(NamedTuple):
    """A worker goes on, holding the partition or not; before it publishes, another one takes over."""

    worker: int
    taken_over_by: int | None = None


class Arrive(NamedTuple):
    """So many more facts are appended, with the days that they open."""

    facts: int


class Workers:
    """Two workers of one partition."""

    def __init__(self, log: AgreeingLog, client: Redis, identity: StoreIdentity) -> None:
        self._log = log
        self._client = client
        self._identity = identity
        self._opened = 0
        self._runners: dict[int, PartitionRunner] = {}

    async def open(self, worker: int) -> None:
        self.close(worker)
        self._opened += 1
        store = await RedisStateStore.open(self._client, self._identity, f"nonce {self._opened}")
        self._runners[worker] = new_runner(self._log, store, 0, LIMITS)
        await self._runners[worker].start()

    async def advance(self, worker: int, taken_over_by: int | None = None) -> None:
        if taken_over_by is not None and taken_over_by != worker:
            self._log.before_publishing = lambda: self._take_over(taken_over_by)
        if worker in self._runners:
            with suppress(PositionConflictError):
                await self._runners[worker].advance()
        self._log.before_publishing = None

    async def _take_over(self, worker: int) -> None:
        await self.open(worker)
        await self.advance(worker)

    async def catch_up(self, worker: int) -> None:
        await self.open(worker)
        await self._runners[worker].catch_up()

    def close(self, worker: int) -> None:
        if worker in self._runners:
            self._runners.pop(worker).close()


workers = some.integers(0, 1)
steps = some.lists(
    some.builds(Opens, workers)
    | some.builds(Advances, workers, some.none() | workers)
    | some.builds(Arrive, some.integers(1, 12)),
    max_size=30,
)
SILENT_TOGETHER = regular(("anna", "bert", "cleo", "dora", "emil"), 7, 6)
BEHIND_THEIR_SUCCESSORS = [
    *[Opens(0), Arrive(30)],
    *[Opens(1), Advances(1), Advances(0), Opens(0), Advances(0), Advances(1)] * 12,
]
HANDED_OVER_MID_DAY = [
    Opens(0),
    Arrive(30),
    *[Advances(0)] * 3,
    *[Advances(0, 1), Advances(1, 0)] * 9,
]


@how_many(max_examples=60)
@given(happenings, steps)
@example(SILENT_TOGETHER, BEHIND_THEIR_SUCCESSORS)
@example(SILENT_TOGETHER, HANDED_OVER_MID_DAY)
def test_whoever_holds_a_partition_when_the_same_is_said(
    redis_server: RedisServer, history: list, steps: list[Opens | Advances | Arrive]
) -> None:
    async def scenario() -> None:
        world, facts = await World().create(), iter(arrivals(history))
        log, identity = AgreeingLog(world.log), a_log_of_its_own()
        async with connected(redis_server.settings) as client:
            both = Workers(log, client, identity)
            for step in steps:
                match step:
                    case Opens(worker):
                        await both.open(worker)
                    case Advances(worker, taken_over_by):
                        await both.advance(worker, taken_over_by)
                    case Arrive(number):
                        await play(world.log, list(islice(facts, number)))
            await play(world.log, list(facts), silence=40)
            await both.catch_up(0)
            both.close(0)
            both.close(1)
            await fold_partition(log, world.stores[0], 0, LIMITS)  # alone, and in memory

            store = await RedisStateStore.open(client, identity, "looking")
            ids = sorted(world.stores[0].rows)
            assert await store.load(ids) == await world.stores[0].load(ids)
            assert await store.position() == await world.stores[0].position()

    asyncio.run(scenario())


@awaited
async def test_a_zombie_publishes_nothing_folded_from_states_of_its_successor(
    redis_server: RedisServer,
) -> None:
    world, identity = await World().create(), a_log_of_its_own()
    log = AgreeingLog(world.log)
    await world.append(orders("anna", DAY, DAY + 7))
    await world.log.advance(DAY + 9)  # on the next day a snapshot of anna is due
    async with connected(redis_server.settings) as client:
        zombie = new_runner(log, await RedisStateStore.open(client, identity, "zombie"))
        await (await zombie.start()).catch_up()
        await world.log.advance(DAY + 10)
        successor = new_runner(log, await RedisStateStore.open(client, identity, "successor"))
        await (await successor.start()).catch_up()
        said = dict(log.published)

        with pytest.raises(LeaseLostError):
            await zombie.catch_up()

        assert log.published == said
        zombie.close()
        successor.close()
