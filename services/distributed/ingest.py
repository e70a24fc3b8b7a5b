"""The ingest role of Kafka mode, wired together: the door, and the log where it is its turn."""

import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from infra.clock import SystemClock, fresh_id
from infra.health.figures import DoorFigures
from infra.log.port import EventLog
from infra.log.writer_lease import WriterLease
from infra.redis.connection import open_redis
from services.distributed.servers import PASSING, Servers, health
from services.distributed.writing import open_writer
from services.ingest.settings import IngestSettings
from services.ingest.stand_by import TurnsIntake
from services.ingest.turns import WriterPlace, WriterTurns
from services.ingest.worker import IngestWorker
from services.new_log import NewLog


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
            return open_writer(servers, client, settings.claim_days, new_log, wall)

        lease = WriterLease(client, servers.kafka.topic_prefix, fresh_id())
        turns = WriterTurns(WriterPlace(lease, open_log, intake, board, wall, PASSING))
        intake.fenced = turns.lose
        yield IngestWorker(listener, intake, turns, board)
