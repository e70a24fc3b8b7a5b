"""The profiles service of Kafka mode: one process of those that share the partitions among them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor

import msgspec
import structlog

from domain.customer.fold import CustomerFold
from events.calendar import date_of
from infra.clock import Clock
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.figures import WorkerFigures
from infra.health.pulse import beat_for_ever
from infra.log.head import LogHead
from infra.log.port import LogUnavailableError
from infra.state.port import StateStore, StoreIdentity
from infra.stream.awaited import AwaitedModels, Overdue
from infra.stream.following import FollowedLog, standing_projection
from infra.stream.handover import HandedOverError, Handover
from infra.stream.kafka import FactFeed
from infra.stream.models import DayModels, StartModels
from infra.stream.partition_worker import Workplace
from infra.stream.partition_workers import PartitionWorkers
from infra.stream.release import Release, refuse_other_release
from infra.stream.runner import new_fold_thread

SECONDS_BETWEEN_ATTEMPTS = 1.0
MODELS, FEED = "models", "feed"

logger = structlog.get_logger()


class ProfilesPlace(msgspec.Struct, frozen=True):
    """What profiles work with: the log, a feed of a projection's facts, the states of a partition."""

    log: FollowedLog
    open_feed: Callable[[str], FactFeed]
    open_store: Callable[[StoreIdentity], Awaitable[StateStore]]
    board: HealthBoard
    figures: WorkerFigures
    clock: Clock


class ProfilesWorker:
    """Folds what the group gives this process. Make it where an event loop runs."""

    def __init__(self, place: ProfilesPlace) -> None:
        self._place = place
        self._stopping = Handover()
        self._feed: FactFeed | None = None

    async def run(self) -> None:
        """Work until `stop`.

        Raises:
            OtherReleaseError: another release made the projection.
            FeedRefusedError: the brokers do not let this process read.
        """
        place = self._place
        try:
            head, name = await standing_projection(place.log, self._stopping, place.board)
        except HandedOverError:
            return
        fold = CustomerFold(head.identity.currency)
        refuse_other_release(head, name, await asyncio.to_thread(Release.of, fold))
        logger.info("profiles begin", projection=name, log=head.identity.log_id)
        task = _Task(head, name, fold, self._models(head, name))
        with new_fold_thread() as thread:
            beating = asyncio.create_task(beat_for_ever(place.board, thread))
            try:
                await self._sessions(task, thread)
            finally:
                await ended(beating)

    def stop(self) -> None:
        """Let `run` return after the commits that are under way."""
        self._stopping.ask()
        if self._feed is not None:
            self._feed.stop()

    async def _sessions(self, task: "_Task", thread: Executor) -> None:
        while not self._stopping.is_asked:
            try:
                await self._session(task, thread)
            except LogUnavailableError as error:
                logger.warning("profiles wait for the brokers", reason=str(error))
                self._place.board.waits(FEED, str(error))
                await self._stopping.wait(SECONDS_BETWEEN_ATTEMPTS)

    async def _session(self, task: "_Task", thread: Executor) -> None:
        """Be a member of the group until `stop`, or until the brokers do not answer."""
        self._feed = feed = self._place.open_feed(task.projection)
        workers = PartitionWorkers(self._workplace(task, feed, thread))
        self._place.board.leave(FEED)
        reading = asyncio.create_task(feed.run(workers))
        ends: set[asyncio.Future[None]] = {reading, workers.failed}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        feed.stop()
        await reading
        if workers.failed.done():
            workers.failed.result()

    def _workplace(self, task: "_Task", feed: FactFeed, thread: Executor) -> Workplace:
        head, name = task.head, task.projection
        log_id, fingerprint = head.identity.log_id, head.projections[name]

        def open_store(partition: int) -> Awaitable[StateStore]:
            return self._place.open_store(StoreIdentity(log_id, name, fingerprint, partition))

        return Workplace(
            name,
            task.fold,
            feed,
            self._place.log,
            open_store,
            task.models,
            thread,
            self._place.board,
            self._place.figures,
            self._place.clock,
        )

    def _models(self, head: LogHead, projection: str) -> DayModels:
        if projection not in head.learners:
            return StartModels()
        return AwaitedModels(projection, self._place.log, self._place.clock, self._tell)

    def _tell(self, overdue: Overdue | None) -> None:
        if overdue is None:
            self._place.board.leave(MODELS)
            return
        day = date_of(overdue.day)
        why = f"the model of {day} is not decided; is `holdfast learning` up?"
        self._place.board.waits(MODELS, why)


class _Task(msgspec.Struct, frozen=True):
    """What is folded, and how."""

    head: LogHead
    projection: str
    fold: CustomerFold
    models: DayModels
