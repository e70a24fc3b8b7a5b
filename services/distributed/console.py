"""The console role of Kafka mode, wired together: pages over PostgreSQL and Redis, tasks from Kafka."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from events.values import CustomerId
from infra.clock import Clock, SystemClock
from infra.desk.port import DeskUnavailableError
from infra.desk.postgres_progress import DeskProgress, progress_of
from infra.desk.reading import DeskReader
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.console_figures import show_console
from infra.health.pulse import beat_for_ever
from infra.inbox.kafka import KafkaTasks
from infra.inbox.postgres import postgres_inbox
from infra.log.head import LogHead
from infra.log.kafka import KafkaLog
from infra.log.kafka_ends import FactEnds
from infra.log.port import head_of
from infra.redis.connection import redis_client
from infra.state.port import Position
from infra.state.redis_reader import RedisStateReader
from infra.stream.following import standing_projection
from infra.stream.handover import HandedOverError, Handover
from services.console.app import HOST, console_app
from services.console.cluster_watcher import ClusterWatcher
from services.console.looking import Looking
from services.console.pulse import Level
from services.console.tasks.desk_watch import DeskWatch
from services.console.tasks.follower import Follower
from services.console.tasks.parts import TaskParts
from services.distributed.desk import open_shared_desk
from services.distributed.servers import PASSING, health
from services.door_server import DoorServer, listening, local_url
from services.ops.nearest import names_of
from services.ops.place import Cluster, open_archive

SECONDS_BETWEEN_TRIES = 1.0
PART, INBOX = "console", "inbox"
MAY_PASS = (*PASSING, DeskUnavailableError)

logger = structlog.get_logger()


class Wish(NamedTuple):
    """On which port pages are served, and whether their read model of tasks is made anew first."""

    port: int
    anew: bool


class ClusterSights:
    """`Sights` of the servers of Kafka mode."""

    def __init__(self, log: KafkaLog, ends: FactEnds, redis: Redis) -> None:
        self._log = log
        self._ends = ends
        self._redis = redis

    def head(self) -> LogHead:
        """Return where the log stands."""
        return head_of(self._log)

    async def positions(self, head: LogHead) -> Sequence[Position]:
        """Return where the standing projection is; nothing where it has no states."""
        name, partitions = head.projection(), range(self._log.partitions)
        if name is None:
            return ()
        states = await RedisStateReader.open(
            self._redis, head.identity.log_id, name, self._log.partitions
        )
        if all(states.identity(partition) is None for partition in partitions):
            return ()
        return [states.position(partition) for partition in partitions]

    async def ends(self, folded: Sequence[int]) -> Sequence[int]:
        """Return the offset of the last record of each partition."""
        return await self._ends.last(folded)


class TaskHealth(NamedTuple):
    """Why pages of tasks may be out of date."""

    follower: Follower
    watch: DeskWatch

    @property
    def failed(self) -> str | None:
        """The reason; None while the desk goes on and the inbox follows it."""
        return self.watch.failed or self.follower.failed


class Opened(NamedTuple):
    """Everything that is shown, and what keeps it fresh."""

    app: FastAPI
    watcher: ClusterWatcher
    follower: Follower
    health: TaskHealth


class ConsoleRole:
    """Serves pages until it is stopped. Make it where an event loop runs."""

    def __init__(
        self, place: Cluster, wish: Wish, board: HealthBoard, registry: CollectorRegistry
    ) -> None:
        self._place = place
        self._wish = wish
        self._board = board
        self._registry = registry
        self._wall: Clock = SystemClock()
        self._stopping = Handover()
        self._server: DoorServer | None = None
        self._closing = False

    async def run(self) -> None:
        """Open what is shown as soon as every server serves, then show it until `stop`.

        Raises:
            PortInUseError: the port is taken.
            OtherInboxError: the read model is of another log or layout.
        """
        beating = asyncio.create_task(beat_for_ever(self._board))
        try:
            async with AsyncExitStack() as opened:
                await self._serve(await self._opened(opened))
        except HandedOverError:
            return
        finally:
            await ended(beating)

    def stop(self) -> None:
        """Let `run` return; requests that are under way are answered."""
        self._closing = True
        self._stopping.ask()
        if self._server is not None:
            self._server.should_exit = True

    async def _opened(self, opened: AsyncExitStack) -> Opened:
        while True:
            trying = AsyncExitStack()
            try:
                found = await self._stopping.unless_asked(self._open(trying))
            except BaseException as error:
                await trying.aclose()
                if not isinstance(error, MAY_PASS):
                    raise
                logger.warning("the console waits", reason=str(error))
                self._board.waits(PART, str(error))
                await self._stopping.unless_asked(asyncio.sleep(SECONDS_BETWEEN_TRIES))
                continue
            opened.push_async_callback(trying.aclose)
            return found

    async def _open(self, opened: AsyncExitStack) -> Opened:
        place, wall = self._place, self._wall
        log = await KafkaLog.open(place.kafka, wall)
        opened.push_async_callback(log.close)
        head, _ = await standing_projection(log, self._stopping, self._board)
        ends = await FactEnds.open(place.kafka)
        opened.push_async_callback(ends.close)
        redis = redis_client(place.redis)
        opened.push_async_callback(redis.aclose)
        desk = await open_shared_desk(place.postgres, log, wall)
        opened.push_async_callback(desk.close)
        reader = DeskReader(desk.store)
        opened.callback(reader.close)
        log_id = head.identity.log_id
        inbox = await asyncio.to_thread(
            lambda: postgres_inbox(place.postgres, log_id, anew=self._wish.anew)
        )
        opened.push_async_callback(inbox.close)
        tasks = await KafkaTasks.open(place.kafka)
        opened.push_async_callback(tasks.close)
        follower = Follower(inbox, tasks, self._labels)

        async def progress() -> DeskProgress:
            projection = head_of(log).projection() or ""
            return await desk.run(lambda store: progress_of(store, projection, log.partitions))

        task_health = TaskHealth(follower, DeskWatch(progress, wall))
        sights = ClusterSights(log, ends, redis)
        watcher = ClusterWatcher(sights, wall, lambda: task_health.failed is not None)
        parts = TaskParts(inbox, desk, reader, task_health)
        looking = Looking(place, wall, watcher)
        app = console_app(looking, lambda: self._closing, parts)
        return Opened(app, watcher, follower, task_health)

    async def _labels(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, str]:
        async with open_archive(self._place) as archive:
            return await names_of(archive, customer_ids)

    async def _serve(self, shown: Opened) -> None:
        await shown.watcher.look()
        show_console(
            self._registry,
            stale=lambda: shown.watcher.seen().pulse.level is Level.STALE,
            behind=lambda: shown.watcher.seen().pulse.standing.behind,
        )
        with listening(HOST, self._wish.port) as listener:
            self._board.leave(PART)
            self._server = DoorServer(shown.app)
            url = local_url(HOST, listener.getsockname()[1])
            logger.info("serving on this machine only: there is no sign-in yet", console=url)
            serving = asyncio.create_task(self._server.serve(sockets=[listener]))
            beside: list[Coroutine[object, object, None]] = [
                shown.watcher.run(),
                shown.follower.run(),
                shown.health.watch.run(),
                self._tell(shown),
            ]
            working = [serving, *map(asyncio.create_task, beside)]
            try:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._closing = self._server.should_exit = True
                await asyncio.wait({serving})
                await ended(*working)
        for task in working:
            if not task.cancelled():
                task.result()

    async def _tell(self, shown: Opened) -> None:
        """Keep on the board whether the inbox follows its topic."""
        while True:
            failed = shown.follower.failed
            if failed is None:
                self._board.leave(INBOX)
            else:
                self._board.waits(INBOX, failed)
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)


@asynccontextmanager
async def console_role(place: Cluster, wish: Wish) -> AsyncIterator[ConsoleRole]:
    """Open what the console needs; its servers may come later."""
    with health() as (board, registry):
        board.waits(PART, "it begins")
        yield ConsoleRole(place, wish, board, registry)
