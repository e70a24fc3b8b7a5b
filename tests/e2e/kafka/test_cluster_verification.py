"""`verify` over a whole cluster: Kafka, Redis and PostgreSQL, with the archiver running or not."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.control import ClockMode, ProjectionCreated
from infra.archive.postgres_about import ArchiveMissingError
from infra.kafka.broker import Broker
from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.state.port import StoreIdentity
from infra.state.redis import RedisStateStore
from services.archive.app import Archiver
from services.ops import archive_window
from services.ops.archive_window import ArchiveBehindError
from services.ops.place import Cluster, EmptyLogError
from services.ops.reading import open_reading
from services.ops.rendering.status import render_status
from services.ops.status import status
from services.ops.verify.run import verify
from tests.conformance.archives import schema_of
from tests.support.given import DAY, LOG, NewFact, orders
from tests.support.kafka_logs import open_log
from tests.support.kafka_topics import own_topics
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.redis_states import connected
from tests.support.world import NOON, PROJECTION, awaited, fold_partition, world_of
from tests.unit.ops.screens import ENGLISH, words

PARTITIONS = 3
RELEASE = fingerprint(CustomerFold(LOG.currency))
NAMES = [f"c{number}" for number in range(8)]


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    with own_topics(bare_broker, PARTITIONS) as kafka:
        postgres = postgres_server.settings(schema_of(tmp_path))
        yield Cluster(kafka, redis_server.settings, postgres)


def nothing_told(_what: str, _done: int, _total: int) -> None:
    """Nobody is told how far it is."""


def history() -> list[NewFact]:
    """Customers of whom half fall silent, in the order of days."""
    facts = [fact for name in NAMES[:4] for fact in orders(name, *range(DAY, DAY + 60, 6))]
    facts += [fact for name in NAMES[4:] for fact in orders(name, *range(DAY, DAY + 120, 6))]
    return sorted(facts, key=lambda fact: fact.day)


async def fold(log: KafkaLog, cluster: Cluster) -> None:
    """Run every partition to its end, as workers do."""
    assert log.head is not None
    async with connected(cluster.redis) as client:
        for partition in range(PARTITIONS):
            identity = StoreIdentity(log.head.identity.log_id, PROJECTION, RELEASE, partition)
            store = await RedisStateStore.open(client, identity, f"worker {partition}")
            await fold_partition(log, store, partition)
            await store.close()


async def created(kafka: KafkaSettings, redis: RedisServer, name: Path) -> KafkaLog:
    """A log of an identity of its own: others' states stand in the same Redis."""
    log_id = str(UUID(bytes=hashlib.sha256(str(name).encode()).digest()[:16]))
    log = await open_log(kafka, redis)
    await log.create(msgspec.structs.replace(LOG, log_id=log_id), ClockMode.LOG)
    await log.create_projection(ProjectionCreated(PROJECTION, RELEASE))
    return log


@awaited
async def test_a_cluster_is_proven_and_has_the_digest_of_one_process(
    cluster: Cluster, redis_server: RedisServer, tmp_path: Path
) -> None:
    archiver = Archiver(cluster.kafka, cluster.postgres)
    archiving = asyncio.create_task(archiver.run())
    log = await created(cluster.kafka, redis_server, tmp_path)
    try:
        await log.append(history())
        await fold(log, cluster)
        while True:
            try:
                report = await verify(cluster, nothing_told)
                break
            except (ArchiveMissingError, EmptyLogError):
                await asyncio.sleep(0.1)  # the archive is fed of it first
        alone = await world_of(history())
        async with open_reading(cluster) as reading:
            assert (await status(reading, cluster, NOON)).archive_behind == 0

        assert (report.found, report.differences) == (0, ())
        assert report.digest == await alone.digest()
        assert (report.counts.customers, report.counts.facts) == (8, len(history()))
        assert report.partitions == PARTITIONS
    finally:
        archiver.stop()
        await archiving
        await log.close()


@awaited
async def test_a_verification_without_an_archiver_says_which_service_to_look_at(
    cluster: Cluster,
    redis_server: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given an archive that was fed with the making of the log only
    fed = asyncio.Event()
    archiver = Archiver(cluster.kafka, cluster.postgres, lambda _: fed.set())
    archiving = asyncio.create_task(archiver.run())
    log = await created(cluster.kafka, redis_server, tmp_path)
    try:
        await fed.wait()
        archiver.stop()
        await archiving
        await log.append(history())
        await fold(log, cluster)
        monkeypatch.setattr(archive_window, "LOOKS", 3)
        monkeypatch.setattr(archive_window, "SECONDS_BETWEEN_LOOKS", 0.0)

        # when its status is asked for, then it says so first
        async with open_reading(cluster) as reading:
            view = await status(reading, cluster, NOON)
        assert (view.archive_behind or 0) > len(history())
        told = words(render_status(view, ENGLISH, ZoneInfo("UTC")))
        assert "records behind Kafka: `holdfast archive` feeds it" in told
        assert cluster.kafka.bootstrap_servers in told

        # when it is verified, then it is refused by how far it is behind
        with pytest.raises(
            ArchiveBehindError, match=r"is \d+ records behind .* `holdfast archive`"
        ):
            await verify(cluster, nothing_told)
    finally:
        await log.close()
