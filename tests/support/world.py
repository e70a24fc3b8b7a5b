"""A log in memory, folded by real runners into stores in memory, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import ParamSpec, Protocol

import msgspec

from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from events.catalogue import REGISTRY
from events.control import ClockMode, ModelDecided, ProjectionCreated
from events.values import CustomerId
from infra.course.memory import MemoryCourseStore
from infra.log.head import LogHead
from infra.log.memory import MemoryLog
from infra.log.records import NewFact, OutputRecord
from infra.state.memory import MemoryStateStore
from infra.state.port import Position, StateStore
from infra.stream.halting import HaltedError
from infra.stream.models import DayModels, DecidedModels, ModelUndecidedError, StartModels
from infra.stream.runner import Limits, Partition, PartitionRunner, RunnerLog
from services.learning.app import Learning
from tests.support.given import LOG

PROJECTION = "first"
CREATED = ProjectionCreated(PROJECTION, "f" * 64)
LEARNING = ProjectionCreated(PROJECTION, "f" * 64, learner="churn-1")
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


class HeadedLog(RunnerLog, Protocol):
    """What a runner needs of a log, and where the log stands."""

    @property
    def head(self) -> LogHead | None:
        """Return where the log stands; None before it was created."""


DecideNext = Callable[[], Awaitable[bool]]


async def nobody_decides() -> bool:
    """What a learner says that has nothing to go on."""
    return False


class World:
    """One log and one store a partition. Facts go in with `append`; `fold` runs to the end."""

    def __init__(self, partitions: int = 1, limits: Limits | None = None) -> None:
        self.log = MemoryLog(partitions, StoppedClock())
        self.stores: list[StateStore] = [MemoryStateStore() for _ in range(partitions)]
        self.limits = limits or Limits()
        self.decide_next = nobody_decides

    async def create(self, decisions: Sequence[ModelDecided] = ()) -> "World":
        """Create the log on a clock that stands, with one projection that emits live.

        Where there are ``decisions`` it scores by these models, all of them decided beforehand.
        """
        await self.log.create(LOG, ClockMode.LOG)
        await self.log.create_projection(LEARNING if decisions else CREATED)
        for decided in decisions:
            await self.log.decide_model(decided)
        return self

    async def create_learning(self) -> "World":
        """Create the log with a projection that learns its own models."""
        await self.log.create(LOG, ClockMode.LOG)
        await self.log.create_projection(LEARNING)
        learning = await Learning(self.log, MemoryCourseStore(), PROJECTION).start()
        self.decide_next = learning.decide_next
        return self

    async def append(self, facts: Sequence[NewFact], *, batch: int = 1_000) -> None:
        """Append facts in batches."""
        for start in range(0, len(facts), batch):
            await self.log.append(facts[start : start + batch])

    async def fold(self) -> None:
        """Run every partition to its end, each with a fresh runner; then decide ahead.

        Where a partition waits for a model that another one's snapshots are wanted for, the other
        one goes on first.
        """
        waiting = list(range(len(self.stores)))
        before: list[Position] = []
        while waiting:
            positions = [await store.position() for store in self.stores]
            assert positions != before, f"partitions {waiting} wait for each other"
            before = positions
            waiting = [number for number in waiting if not await self._folded(number)]
        while await self.decide_next():
            pass

    async def _folded(self, number: int) -> bool:
        """Run a partition as far as its models are decided; tell whether that was to its end."""
        store, limits = self.stores[number], self.limits
        try:
            await fold_partition(self.log, store, number, limits, self.decide_next)
        except HaltedError as error:
            if not isinstance(error.__cause__, ModelUndecidedError):
                raise
            return False
        return True

    def open_day(self) -> int | None:
        """The day that is open, None before the first one."""
        return None if self.log.head is None else self.log.head.open_day

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
    log: HeadedLog,
    store: StateStore,
    number: int = 0,
    limits: Limits | None = None,
    decide_next: DecideNext = nobody_decides,
) -> None:
    """Run one partition to its end with a fresh runner."""
    runner = new_runner(log, store, number, limits, decide_next)
    try:
        await (await runner.start()).catch_up()
    finally:
        runner.close()


def new_runner(
    log: HeadedLog,
    store: StateStore,
    number: int = 0,
    limits: Limits | None = None,
    decide_next: DecideNext = nobody_decides,
) -> PartitionRunner:
    """A runner of `PROJECTION` that was not started yet; close it."""
    partition, fold = Partition(PROJECTION, number), CustomerFold("GBP")
    models = models_of(log, decide_next)
    return PartitionRunner(partition, fold, log, store, limits or Limits(), models)


def models_of(log: HeadedLog, decide_next: DecideNext) -> DayModels:
    """The models that `PROJECTION` scores by: those decided, if it learns."""
    if log.head is None or PROJECTION not in log.head.learners:
        return StartModels()
    return DecidedModels(PROJECTION, lambda: log.head, decide_next)


def decoded(record: OutputRecord) -> msgspec.Struct:
    """What an output says."""
    return REGISTRY.decode(record.type, record.data)


async def world_of(facts: Sequence[NewFact], partitions: int = 1) -> World:
    """A world in which these facts were appended and folded."""
    world = await World(partitions).create()
    await world.append(facts)
    await world.fold()
    return world
