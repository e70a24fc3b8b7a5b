"""Works on one partition for as long as the group leaves it to this process."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Protocol, TypeVar

import msgspec
import structlog

from domain.customer.fold import CustomerFold
from infra.clock import Clock
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.figures import WorkerFigures
from infra.log.kafka_fetching import LogUnreadableError
from infra.log.port import LogUnavailableError, OutputPublisher
from infra.log.records import FactRecord, Output
from infra.mendable import MendableError
from infra.state.port import (
    START,
    Position,
    PositionConflictError,
    StateStore,
    StateUnavailableError,
)
from infra.stream.handover import HandedOverError, Handover, InterruptibleModels
from infra.stream.kafka_group import PartitionRevokedError
from infra.stream.models import DayModels
from infra.stream.partition_figures import PartitionFigures
from infra.stream.runner import Limits, Partition, PartitionRunner

T = TypeVar("T")

LIMITS = Limits(records_a_read=1000, customers_a_commit=1000)
"""Partitions share a thread to fold on: none of them keeps it for long."""

RECORDS_WORTH_A_COMMIT = 100
"""Where fewer came at once, the next ones may gather for a moment: a commit costs the same."""

SECONDS_TO_GATHER = 0.02
SECONDS_BETWEEN_ATTEMPTS = 1.0
SECONDS_TO_SHOW_LIFE = 4.0

UNAVAILABLE = (LogUnavailableError, LogUnreadableError, StateUnavailableError)
"""What passes by itself: who meets it tries again."""

logger = structlog.get_logger()


class Feed(Protocol):
    """Where facts come from, as long as the partition is this process's."""

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records above ``after``. Raises `PartitionRevokedError`."""
        ...

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition."""
        ...

    async def wait_for_more(self, partition: int) -> None:
        """Return once there is more, at latest after a moment. Raises `PartitionRevokedError`."""
        ...

    def note_folded(self, partition: int, offset: int) -> None:
        """Hear that everything up to an offset is committed."""
        ...

    def ahead_of(self, partition: int, offset: int) -> int:
        """Return how many offsets lie ahead of one, as far as is known."""
        ...

    def oldest_ahead(self, partition: int, offset: int) -> int | None:
        """Return when the next record ahead was appended, in microseconds, as far as is known."""
        ...


class Workplace(msgspec.Struct, frozen=True):
    """What all partitions of a process share.

    ``open_store`` opens the states of a partition, and takes its lease from whoever had it.
    """

    projection: str
    fold: CustomerFold
    feed: Feed
    publisher: OutputPublisher
    open_store: Callable[[int], Awaitable[StateStore]]
    models: DayModels
    thread: Executor
    board: HealthBoard
    figures: WorkerFigures
    clock: Clock


class _RunnersLog:
    """The feed to read from, the log to publish to."""

    def __init__(self, place: Workplace) -> None:
        self.read_facts = place.feed.read_facts
        self.end_offset = place.feed.end_offset
        self._publisher = place.publisher

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        await self._publisher.publish(projection, partition, outputs)


class PartitionWorker:
    """Folds one partition until it is handed over.

    Where another worker moved the position, or a store or the log is away, store and runner are
    opened anew: whatever was not committed is folded again. What only a person can mend makes the
    partition stand still, in sight, while the others go on.
    """

    def __init__(self, place: Workplace, number: int) -> None:
        self.number = number
        self.position: Position = START
        self.halted: str | None = None
        self._place = place
        self._part = f"partition {number}"
        self._handover = Handover()
        self._figures = PartitionFigures(place.figures, number)
        self._log = logger.bind(partition=number, projection=place.projection)

    async def run(self) -> None:
        """Work until `hand_over`; return with nothing under way."""
        try:
            while not self._handover.is_asked:
                await self._attempt()
        except (HandedOverError, PartitionRevokedError):
            return
        finally:
            self._place.board.leave(self._part)
            self._figures.leave()

    def hand_over(self) -> None:
        """Let `run` return after the commit that is under way."""
        self._handover.ask()

    async def _attempt(self) -> None:
        try:
            await self._fold()
        except PositionConflictError as error:
            self._log.warning(
                "another worker has moved on here, so states are read anew", reason=str(error)
            )
            await self._handover.wait(SECONDS_BETWEEN_ATTEMPTS)
        except UNAVAILABLE as error:
            self._log.warning("the partition waits", reason=str(error))
            self._place.board.waits(self._part, str(error))
            await self._handover.wait(SECONDS_BETWEEN_ATTEMPTS)
        except MendableError as error:
            self.halted = str(error)
            self._figures.stand_still()
            self._log.exception("the partition stands still, the others go on", reason=str(error))
            self._place.board.halted(self._part, str(error))
            await self._handover.wait()

    async def _fold(self) -> None:
        place = self._place
        store = await self._watched(place.open_store(self.number))
        runner = PartitionRunner(
            Partition(place.projection, self.number),
            place.fold,
            _RunnersLog(place),
            store,
            LIMITS,
            InterruptibleModels(place.models, self._handover),
        ).sharing(place.thread)
        try:
            await self._watched(runner.start())
            self._figures.begin(runner.position, runner.quarantined)
            await self._follow(runner)
        finally:
            runner.close()
            with suppress(*UNAVAILABLE):
                await store.close()

    async def _follow(self, runner: PartitionRunner) -> None:
        while not self._handover.is_asked:
            passed = await self._watched(runner.advance())
            self._figures.folded(passed, runner.position, runner.quarantined)
            self._note(runner.position)
            if not passed:
                await self._place.feed.wait_for_more(self.number)
                await self._watched(runner.check_store())
            elif passed < RECORDS_WORTH_A_COMMIT:
                await asyncio.sleep(SECONDS_TO_GATHER)

    def _note(self, position: Position) -> None:
        self.position = position
        feed, offset = self._place.feed, position.offset
        if offset >= 0:
            feed.note_folded(self.number, offset)
        oldest = feed.oldest_ahead(self.number, offset)
        self._figures.lag(feed.ahead_of(self.number, offset), oldest, self._place.clock.now())

    async def _watched(self, work: Coroutine[object, object, T] | Awaitable[T]) -> T:
        """Return what comes of work, and show meanwhile that it is waited for."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=SECONDS_TO_SHOW_LIFE))[0]:
                why = f"work beyond offset {self.position.offset} takes long: a model, a store or the log"
                self._place.board.waits(self._part, why)
        finally:
            await ended(task)
        self._place.board.beat(self._part)
        return task.result()
