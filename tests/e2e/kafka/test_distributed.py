"""All of Holdfast as processes on real servers: what comes of it is what comes of a folder."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, cluster_on, embedded_digest
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

NUMBERS = count(1)
SAMPLES = Path(__file__).parents[3] / "samples"
SAMPLE, MAP = SAMPLES / "online-retail-sample.csv.gz", SAMPLES / "online-retail.map.yaml"


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    prefix = f"whole-{next(NUMBERS)}."
    with cluster_on(bare_broker, redis_server, postgres_server, prefix, tmp_path) as made:
        yield made


def test_an_import_comes_to_the_digest_of_a_folder(cluster: Cluster, tmp_path: Path) -> None:
    workers = [cluster.start("profiles"), cluster.start("profiles")]
    learner = cluster.start("learning")

    imported = cluster.run("import", SAMPLE, "--map", MAP, "--json")
    assert imported.returncode == 0, imported.stderr
    asyncio.run(cluster.until_folded())

    assert asyncio.run(cluster.digest()) == embedded_digest(tmp_path / "data", SAMPLE, map_file=MAP)
    assert all(worker.ready() for worker in workers)
    assert [role.stop() for role in [*workers, learner]] == [0, 0, 0]
