"""Holdfast on Kafka, Redis and PostgreSQL: each role, and the writer's commands, wired together."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import msgspec
from httpx import AsyncClient
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from events.catalogue import CONTROL, FACTS, INTAKE
from infra.clock import Clock, SystemClock, fresh_id
from infra.course.port import CourseStore
from infra.course.postgres import PostgresCourseStore
from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.figures import DoorFigures, WorkerFigures
from infra.health.pulse import beat_for_ever
from infra.health.server import serving_health
from infra.health.settings import HealthSettings
from infra.kafka import settings as kafka_settings
from infra.kafka.connection import connection
from infra.kafka.groups import learning_group, profiles_group
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.figures import show_log
from infra.log.kafka import KafkaLog
from infra.log.kafka_fetching import LogUnreadableError
from infra.log.kafka_records import Consumed, fact_of
from infra.log.port import EventLog, LogUnavailableError
from infra.log.records import FactRecord
from infra.log.redis_ledger import RedisLedger
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import ask_for_turn, turn_taken
from infra.postgres import settings as postgres_settings
from infra.postgres.connection import PostgresUnavailableError
from infra.redis import settings as redis_settings
from infra.redis.connection import RedisUnavailableError, open_redis
from infra.redis.settings import RedisSettings
from infra.state.port import StateStore, StoreIdentity
from infra.state.redis import RedisStateStore
from infra.stream.kafka import FactFeed, FeedPlace, Message
from infra.stream.turn import Turn
from services.archive.app import Archiver
from services.ingest.from_kafka.forwarding import SECONDS_TO_ANSWER, Forwarding
from services.ingest.from_kafka.role import IntakeRole
from services.ingest.from_kafka.settings import IntakeSettings
from services.ingest.settings import IngestSettings
from services.ingest.stand_by import TurnsIntake
from services.ingest.turns import WriterPlace, WriterTurns
from services.ingest.worker import IngestWorker
from services.learning.worker import LearningPlace, LearningWorker
from services.new_log import NewLog, completed, create
from services.ops.place import EmptyLogError
from services.profiles.worker import ProfilesPlace, ProfilesWorker

PASSING = (
    LogUnavailableError,
    LogUnreadableError,
    RedisUnavailableError,
    PostgresUnavailableError,
)
"""What passes by itself once a server is up again."""


class Servers(msgspec.Struct, frozen=True):
    """How the log and the states of Kafka mode are reached."""

    kafka: KafkaSettings
    redis: RedisSettings

    @classmethod
    def of_environment(cls) -> Self:
        """Return what the environment says. Raises a `MendableError` where that cannot work."""
        return cls(kafka_settings.read_settings(), redis_settings.read_settings())


class Health(NamedTuple):
    """What a process shows of itself."""

    board: HealthBoard
    registry: CollectorRegistry


@contextmanager
def health() -> Iterator[Health]:
    """Tell whoever asks how this process does, until left. Raises `HealthPortError`."""
    settings, shown = HealthSettings(), Health(HealthBoard(), CollectorRegistry())
    with serving_health(settings.host, settings.port, shown.board, shown.registry):
        yield shown


@asynccontextmanager
async def ingest_role(
    servers: Servers, settings: IngestSettings, new_log: NewLog, listener: socket.socket
) -> AsyncIterator[IngestWorker]:
    """Open what ingest needs. It writes when it is its turn, and makes the log where there is none."""
    wall = SystemClock()
    async with AsyncExitStack() as opened:
        board, registry = opened.enter_context(health())
        client = await open_redis(servers.redis)
        opened.push_async_callback(client.aclose)
        intake = TurnsIntake(DoorFigures(registry))

        def open_log() -> Coroutine[object, object, EventLog]:
            return _open_writer(servers, client, settings.claim_days, new_log, wall)

        lease = WriterLease(client, servers.kafka.topic_prefix, fresh_id())
        turns = WriterTurns(WriterPlace(lease, open_log, intake, board, wall, PASSING))
        intake.fenced = turns.lose
        yield IngestWorker(listener, intake, turns, board)


@asynccontextmanager
async def intake_role(servers: Servers, settings: IntakeSettings) -> AsyncIterator[IntakeRole]:
    """Open what taking ``crm.intake`` to the door needs."""
    kafka, wall = servers.kafka, SystemClock()
    topic = TopicNames(kafka.topic_prefix).of(INTAKE)
    async with AsyncExitStack() as opened:
        board, _ = opened.enter_context(health())
        letters = await KafkaLog.open(kafka, wall)
        opened.push_async_callback(letters.close)
        door = AsyncClient(base_url=settings.door, timeout=SECONDS_TO_ANSWER)
        await opened.enter_async_context(door)
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="holdfast-intake-")))
        forwarding = Forwarding(door, letters, board, wall)
        arguments = connection(kafka).aiokafka
        yield IntakeRole(
            arguments, topic, folder, forwarding, board, accept_loss=settings.accept_loss
        )


@asynccontextmanager
async def profiles_role(servers: Servers) -> AsyncIterator[ProfilesWorker]:
    """Open what profiles need."""
    kafka, wall = servers.kafka, SystemClock()
    topic = TopicNames(kafka.topic_prefix).of(FACTS)
    async with AsyncExitStack() as opened:
        board, registry = opened.enter_context(health())
        client = await open_redis(servers.redis)
        opened.push_async_callback(client.aclose)
        log = await KafkaLog.open(kafka, wall)
        opened.push_async_callback(log.close)
        show_log(registry, lambda: log.head)

        def open_feed(projection: str) -> FactFeed:
            place = FeedPlace(topic, profiles_group(kafka, projection))
            return FactFeed(connection(kafka).aiokafka, place, _fact)

        async def open_store(identity: StoreIdentity) -> StateStore:
            return await RedisStateStore.open(client, identity, fresh_id())

        figures = WorkerFigures(registry)
        yield ProfilesWorker(ProfilesPlace(log, open_feed, open_store, board, figures, wall))


@asynccontextmanager
async def learning_role(servers: Servers) -> AsyncIterator[LearningWorker]:
    """Open what learning needs."""
    kafka, postgres = servers.kafka, postgres_settings.read_settings()
    topic = TopicNames(kafka.topic_prefix).of(CONTROL)
    async with AsyncExitStack() as opened:
        board, registry = opened.enter_context(health())
        log = await KafkaLog.open(kafka, SystemClock())
        opened.push_async_callback(log.close)
        show_log(registry, lambda: log.head)

        def open_turn(projection: str) -> Turn:
            group = learning_group(kafka, projection)
            return Turn(connection(kafka).aiokafka, topic, group)

        async def open_course(projection: str) -> CourseStore:
            return await PostgresCourseStore.open(postgres, projection)

        yield LearningWorker(LearningPlace(log, open_course, open_turn, board, PASSING))


@asynccontextmanager
async def archive_role(servers: Servers) -> AsyncIterator["BeatingArchiver"]:
    """Open what the archive needs."""
    with health() as (board, _):
        archiver = Archiver(servers.kafka, postgres_settings.read_settings(), board=board)
        yield BeatingArchiver(archiver, board)


class BeatingArchiver:
    """The archiver, with the event loop shown on the board."""

    def __init__(self, archiver: Archiver, board: HealthBoard) -> None:
        self._archiver = archiver
        self._board = board

    async def run(self) -> None:
        """Feed until `stop`. Raises what `Archiver.run` raises."""
        beating = asyncio.create_task(beat_for_ever(self._board))
        try:
            await self._archiver.run()
        finally:
            await ended(beating)

    def stop(self) -> None:
        """Let `run` return with nothing under way."""
        self._archiver.stop()


@asynccontextmanager
async def writing(servers: Servers, new_log: NewLog | None, wall: Clock) -> AsyncIterator[EventLog]:
    """Take a command's turn at writing: the ingest that is active steps back until it is over.

    With no ``new_log``, the log must have been made before.

    Raises:
        WriterBusyError: another command writes.
        EmptyLogError: the log must have been made before, and was not.
        LogUnavailableError, LogUnreadableError, RedisUnavailableError: a server does not answer.
    """
    async with AsyncExitStack() as opened:
        client = await open_redis(servers.redis)
        opened.push_async_callback(client.aclose)
        lease = WriterLease(client, servers.kafka.topic_prefix, fresh_id())
        await ask_for_turn(lease)
        await opened.enter_async_context(turn_taken(lease, steps_back=False))
        log = await _open_writer(servers, client, IngestSettings().claim_days, new_log, wall)
        opened.push_async_callback(log.close)
        yield log


async def _open_writer(
    servers: Servers, client: Redis, claim_days: int, new_log: NewLog | None, wall: Clock
) -> EventLog:
    """Open the log as its writer, with its first projection; make it where there is none."""
    log = await KafkaLog.open(servers.kafka, wall, RedisLedger(client, claim_days))
    try:
        if new_log is not None:
            await create(log, new_log)
        if log.head is None:
            raise EmptyLogError(
                f"there is no log at {servers.kafka.bootstrap_servers} yet;"
                " `holdfast import` or `holdfast ingest` makes it"
            )
        await completed(log, wall)
    except BaseException:
        await log.close()
        raise
    return log


def _fact(message: Message) -> FactRecord:
    return fact_of(Consumed.of(FACTS, message))
