"""A log in memory, folded by real runners into stores in memory, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import ParamSpec

import msgspec

from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from events.catalogue import REGISTRY
from events.control import ClockMode, ProjectionCreated
from events.values import CustomerId
from infra.log.memory import MemoryLog
from infra.log.records import NewFact, OutputRecord
from infra.state.memory import MemoryStateStore
from infra.state.port import StateStore
from infra.stream.runner import Limits, Partition, PartitionRunner, RunnerLog
from tests.support.given import LOG

PROJECTION = "first"
CREATED = ProjectionCreated(PROJECTION, "f" * 64)
NOON = 1_296_043_200_000_000

Given = ParamSpec("Given")


def awaited(test: Callable[Given, Awaitable[None]]) -> Callable[Given, None]:
    """Run a test that is a coroutine function in an event loop of its own."""

    @wraps(test)
    def run(*given: Given.args, **named: Given.kwargs) -> None:
        async def scenario() -> None:
            await test(*given, **named)

        asyncio.run(scenario())

    return run


class StoppedClock:
    """A wall clock that stands at noon of the 26th of January 2011."""

    def now(self) -> int:
        """Return microseconds since the epoch."""
        return NOON


class World:
    """One log and one store a partition. Facts go in with `append`; `fold` runs to the end."""

    def __init__(self, partitions: int = 1, limits: Limits | None = None) -> None:
        self.log = MemoryLog(partitions, StoppedClock())
        self.stores: list[StateStore] = [MemoryStateStore() for _ in range(partitions)]
        self.limits = limits or Limits()

    async def create(self) -> "World":
        """Create the log on a clock that stands, with one projection that emits live."""
        await self.log.create(LOG, ClockMode.LOG)
        await self.log.create_projection(CREATED)
        return self

    async def append(self, facts: Sequence[NewFact], *, batch: int = 1_000) -> None:
        """Append facts in batches."""
        for start in range(0, len(facts), batch):
            await self.log.append(facts[start : start + batch])

    async def fold(self) -> None:
        """Run every partition to its end, each with a fresh runner."""
        for number, store in enumerate(self.stores):
            await fold_partition(self.log, store, number, self.limits)

    def said(self) -> list[OutputRecord]:
        """All outputs, by partition and sequence."""
        return [
            kept[sequence]
            for _, kept in sorted(self.log.outputs.items())
            for sequence in sorted(kept)
        ]

    async def states(self) -> dict[CustomerId, CustomerState]:
        """All states, by customer."""
        found: dict[CustomerId, CustomerState] = {}
        ids = sorted(
            {
                record.customer_id
                for records in self.log.storage.facts
                for record in records
                if record.customer_id is not None
            }
        )
        for store in self.stores:
            rows = await store.load(ids)
            found |= {customer_id: states.decode(data) for customer_id, data in rows.items()}
        return dict(sorted(found.items()))

    async def digest(self) -> str:
        """The digest over all customers."""
        digest, said = FoldDigest(), self.said()
        for customer_id, state in (await self.states()).items():
            own = [decoded(record) for record in said if record.customer_id == customer_id]
            digest.add(customer_id, state, own)
        return digest.hexdigest()


async def fold_partition(
    log: RunnerLog, store: StateStore, number: int = 0, limits: Limits | None = None
) -> None:
    """Run one partition to its end with a fresh runner."""
    runner = new_runner(log, store, number, limits)
    try:
        await (await runner.start()).catch_up()
    finally:
        runner.close()


def new_runner(
    log: RunnerLog, store: StateStore, number: int = 0, limits: Limits | None = None
) -> PartitionRunner:
    """A runner of `PROJECTION` that was not started yet; close it."""
    partition = Partition(PROJECTION, number)
    return PartitionRunner(partition, CustomerFold("GBP"), log, store, limits or Limits())


def decoded(record: OutputRecord) -> msgspec.Struct:
    """What an output says."""
    return REGISTRY.decode(record.type, record.data)


async def world_of(facts: Sequence[NewFact], partitions: int = 1) -> World:
    """A world in which these facts were appended and folded."""
    world = await World(partitions).create()
    await world.append(facts)
    await world.fold()
    return world
