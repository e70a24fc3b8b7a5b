"""Logs on real servers that are backed up and restored, in this process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from redis import Redis

from events.control import ClockMode, LogCreated
from infra.backup.kafka_restore import RESTORED
from infra.clock import SystemClock
from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_records import Consumed
from services.distributed_backup import BackupSummary, back_up, checked, restore
from services.ops import place
from services.steps import Step
from tests.support.cluster import Cluster
from tests.support.given import LOG
from tests.support.kafka_logs import open_log
from tests.support.world import CREATED


def untold(_: Step) -> None:
    """Nobody is told how far it is."""


def identity_of(cluster: Cluster) -> LogCreated:
    """A log of the cluster's own: others' keys stand in the same Redis."""
    return msgspec.structs.replace(LOG, log_id=f"log of {cluster.prefix}")


@asynccontextmanager
async def writer_of(cluster: Cluster) -> AsyncIterator[KafkaLog]:
    """The one writer of a log, which is made where there is none."""
    log = await open_log(cluster.settings(), cluster.redis)
    try:
        if log.head is None:
            await log.create(identity_of(cluster), ClockMode.LOG)
            await log.create_projection(CREATED)
        yield log
    finally:
        await log.close()


async def saved(cluster: Cluster, folder: Path) -> BackupSummary:
    """A backup of a cluster's log."""
    return await back_up(cluster.settings(), cluster.postgres, folder, SystemClock(), untold)


async def restored(cluster: Cluster, folder: Path) -> BackupSummary:
    """A backup written into a cluster's topics."""
    servers = place.Cluster(cluster.settings(), cluster.redis.settings, cluster.postgres)
    return await restore(servers, checked(folder, untold), untold)


def forget(cluster: Cluster) -> None:
    """Take away what Redis keeps of a cluster's log, so that it may be restored elsewhere."""
    with Redis(port=cluster.redis.port) as client:
        for key in client.scan_iter(f"holdfast:{{{identity_of(cluster).log_id}*", count=10_000):
            client.unlink(key)


async def everything(settings: KafkaSettings) -> dict[tuple[str, int], Sequence[Consumed]]:
    """Every record of the topics that a backup has, by topic and partition."""
    fetcher = await KafkaFetcher.open(settings)
    try:
        return {
            (topic, partition): await _records(fetcher, topic, partition)
            for topic in RESTORED
            for partition in range(fetcher.partitions(topic))
        }
    finally:
        await fetcher.close()


async def _records(fetcher: KafkaFetcher, topic: str, partition: int) -> list[Consumed]:
    found: list[Consumed] = []
    offset = 0
    while True:
        fetched = await fetcher.fetch(topic, partition, offset)
        found += fetched.records
        offset = fetched.next_offset
        if fetched.is_all:
            return found
