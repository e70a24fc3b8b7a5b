"""What comes of an import while its processes freeze, are killed and lose Redis: the same as without."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, RunningRole, cluster_on, until
from tests.support.digests import embedded_digest
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer, redis_in
from tests.support.retail import MAP, first_months_in

PARTITIONS = 8


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that may be killed."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = redis_in(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cluster(
    bare_broker: Broker, own_redis: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    servers = (bare_broker, own_redis, postgres_server)
    with cluster_on(*servers, "faults-1.", tmp_path, PARTITIONS) as made:
        yield made


def folded(cluster: Cluster) -> int:
    """How many commits' worth of positions Redis has, as a sign of life."""
    with Redis(port=cluster.redis.port) as client:
        return sum(
            len(client.get(key) or b"") and int(client.hlen(key.replace(b"position", b"states")))
            for key in client.scan_iter("holdfast:*:position", count=1_000)
        )


def go_on(cluster: Cluster, by: int = 1) -> None:
    """Wait until more customers are known than now."""
    before = folded(cluster)
    until(lambda: folded(cluster) >= before + by)


def took_over(role: RunningRole, partitions: int) -> bool:
    """Whether a worker has so many partitions now."""
    at_work = [part for part in role.parts() if part.startswith("partition ")]
    return len(at_work) == partitions


def test_freezes_kills_and_a_lost_redis_change_nothing(cluster: Cluster, tmp_path: Path) -> None:
    first_months = first_months_in(tmp_path)
    imported = cluster.run("import", first_months, "--map", MAP)
    assert imported.returncode == 0, imported.stderr
    workers = [cluster.start("profiles"), cluster.start("profiles")]
    learners = [cluster.start("learning"), cluster.start("learning")]
    go_on(cluster, 50)

    workers[0].signal(signal.SIGSTOP)
    until(lambda: took_over(workers[1], PARTITIONS))
    go_on(cluster)
    workers[0].signal(signal.SIGCONT)

    learners[0].signal(signal.SIGKILL)
    learners[0].process.wait()
    cluster.forget(learners[0])
    cluster.redis.kill()
    cluster.redis.start()
    workers.append(cluster.start("profiles"))
    workers[1].signal(signal.SIGKILL)
    workers[1].process.wait()
    cluster.forget(workers[1])

    asyncio.run(cluster.until_folded())
    assert asyncio.run(cluster.digest()) == embedded_digest(
        tmp_path / "data", first_months, map_file=MAP
    )
