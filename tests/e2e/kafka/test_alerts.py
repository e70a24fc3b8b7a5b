"""From facts to tasks and back on real servers: what alerts decide, publish and tell."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, cluster_on
from tests.support.desk_cluster import team, until_decided
from tests.support.postgres_server import PostgresServer
from tests.support.quiet_shop import written
from tests.support.redis_server import RedisServer

NUMBERS = count(1)
PARTITIONS = 4


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    prefix = f"alerts-{next(NUMBERS)}."
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, prefix, tmp_path, PARTITIONS) as made:
        yield made


@pytest.fixture
def shop(tmp_path: Path) -> list[str | Path]:
    """The command that imports a quiet shop, whose files are written."""
    return written(tmp_path, 12)[:-1]


def test_signals_of_an_import_become_tasks(
    cluster: Cluster, shop: list[str | Path], tmp_path: Path
) -> None:
    cluster.start("alerts", **team(tmp_path))
    for role in ("profiles", "learning", "archive"):
        cluster.start(role)
    ended = cluster.run(*shop)
    assert ended.returncode == 0, ended.stderr
    asyncio.run(cluster.until_folded())

    found = asyncio.run(until_decided(cluster))

    assert found.tasks == 4
