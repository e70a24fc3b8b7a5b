"""The profiles role of Kafka mode, wired together: facts from Kafka, states in Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from events.catalogue import FACTS
from infra.clock import SystemClock, fresh_id
from infra.health.figures import WorkerFigures
from infra.kafka.connection import connection
from infra.kafka.groups import profiles_group
from infra.kafka.names import TopicNames
from infra.log.figures import show_log
from infra.log.kafka import KafkaLog
from infra.log.kafka_records import Consumed, fact_of
from infra.log.records import FactRecord
from infra.redis.connection import open_redis
from infra.state.port import StateStore, StoreIdentity
from infra.state.redis import RedisStateStore
from infra.stream.kafka import FactFeed, FeedPlace, Message
from services.distributed.servers import Servers, health
from services.profiles.worker import ProfilesPlace, ProfilesWorker


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


def _fact(message: Message) -> FactRecord:
    return fact_of(Consumed.of(FACTS, message))
