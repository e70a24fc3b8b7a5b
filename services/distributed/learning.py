"""The learning role of Kafka mode, wired together: days from Kafka, the course in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from events.catalogue import CONTROL
from infra.clock import SystemClock
from infra.course.port import CourseStore
from infra.course.postgres import PostgresCourseStore
from infra.kafka.connection import connection
from infra.kafka.groups import learning_group
from infra.kafka.names import TopicNames
from infra.log.figures import show_log
from infra.log.kafka import KafkaLog
from infra.postgres import settings as postgres_settings
from infra.stream.turn import Turn
from services.distributed.servers import PASSING, Servers, health
from services.learning.worker import LearningPlace, LearningWorker


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
