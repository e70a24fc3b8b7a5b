"""The intake role of Kafka mode, wired together: from `crm.intake` to the door."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx import AsyncClient

from events.catalogue import INTAKE
from infra.clock import SystemClock
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.log.kafka import KafkaLog
from services.distributed.servers import Servers, health
from services.ingest.from_kafka.forwarding import SECONDS_TO_ANSWER, Forwarding
from services.ingest.from_kafka.role import IntakeRole
from services.ingest.from_kafka.settings import IntakeSettings


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
