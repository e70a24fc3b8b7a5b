"""Logs on Kafka as a service opens them: with a ledger in Redis as the writer, or to read."""

from redis import Redis

from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.log.redis_ledger import RedisLedger
from infra.redis.connection import redis_client
from tests.support.given import LOG
from tests.support.redis_server import RedisServer
from tests.support.world import StoppedClock


async def open_log(settings: KafkaSettings, redis: RedisServer) -> KafkaLog:
    """The one writer. Closing the log closes its connection to Redis too."""
    client = redis_client(redis.settings)
    try:
        log = await KafkaLog.open(settings, StoppedClock(), RedisLedger(client))
    except BaseException:
        await client.aclose()
        raise
    log._closing.push_async_callback(client.aclose)
    return log


def forget_ledger(redis: RedisServer) -> None:
    """Every log of the tests has the same identity, so the next one must not find the last one's."""
    with Redis(port=redis.port) as client:
        for key in client.scan_iter(f"holdfast:{{{LOG.log_id}}}:*", count=10_000):
            client.unlink(key)
