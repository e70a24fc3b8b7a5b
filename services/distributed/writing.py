"""The writer of the log on Kafka, wired together: for ingest, and for a command that takes its turn."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis

from infra.clock import Clock, fresh_id
from infra.log.kafka import KafkaLog
from infra.log.port import EventLog
from infra.log.redis_ledger import RedisLedger
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import ask_for_turn, turn_taken
from infra.redis.connection import open_redis
from services.distributed.servers import Servers
from services.ingest.settings import IngestSettings
from services.new_log import NewLog, completed, create
from services.ops.place import EmptyLogError


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
        log = await open_writer(servers, client, IngestSettings().claim_days, new_log, wall)
        opened.push_async_callback(log.close)
        yield log


async def open_writer(
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
