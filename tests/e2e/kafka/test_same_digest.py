"""An import comes to one digest, and its tasks to one: in a folder, and on servers whatever their number.

    HOLDFAST_DATASETS=DIR .venv/bin/pytest tests/e2e/kafka/test_same_digest.py -m slow -rP

prints a row of figures for each. Eight partitions and one worker: `test_same_words.py`.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, product
from pathlib import Path

import pytest

from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, cluster_on
from tests.support.desk_cluster import until_decided
from tests.support.digests import Digests, embedded_digests
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.retail import MAP, TEAM, first_months_in

NUMBERS = count(1)
HOUR = 3_600
EVERY_PAIR = list(product((8, 64), (1, 2, 4)))


class Servers:
    """The servers of all tests, on which each import has topics of its own."""

    def __init__(self, broker: Broker, redis: RedisServer, postgres: PostgresServer) -> None:
        self._all = (broker, redis, postgres)

    @contextmanager
    def cluster(self, folder: Path, partitions: int) -> Iterator[Cluster]:
        prefix = f"same-{next(NUMBERS)}."
        with cluster_on(*self._all, prefix, folder, partitions) as made:
            yield made


@pytest.fixture
def servers(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer
) -> Servers:
    return Servers(bare_broker, redis_server, postgres_server)


@pytest.fixture(scope="module")
def whole_file(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Digests]:
    """All of Online Retail, and its digests in a folder."""
    file, begun = datasets / "online_retail.csv.gz", time.monotonic()
    folder = tmp_path_factory.mktemp("whole") / "data"
    digest = embedded_digests(folder, file, map_file=MAP, team=TEAM)
    sys.stdout.write(f"| embedded | | | {time.monotonic() - begun:.0f} s | {digest} |\n")
    return file, digest


def test_the_first_months_of_the_sample(servers: Servers, tmp_path: Path) -> None:
    months = first_months_in(tmp_path)
    with servers.cluster(tmp_path, partitions=64) as cluster:
        found = digest_of_import(cluster, months, workers=2)
        assert asyncio.run(cluster.digest()) == found.digest

    assert found == embedded_digests(tmp_path / "data", months, map_file=MAP, team=TEAM)


@pytest.mark.slow
@pytest.mark.timeout(HOUR)
@pytest.mark.parametrize(("partitions", "workers"), EVERY_PAIR)
def test_the_whole_file(
    servers: Servers,
    whole_file: tuple[Path, Digests],
    tmp_path: Path,
    partitions: int,
    workers: int,
) -> None:
    file, digest = whole_file
    begun = time.monotonic()
    with servers.cluster(tmp_path, partitions) as cluster:
        found = digest_of_import(cluster, file, workers)
    sys.stdout.write(
        f"| kafka | {partitions} | {workers} | {time.monotonic() - begun:.0f} s | {found} |\n"
    )

    assert found == digest


def digest_of_import(cluster: Cluster, file: Path, workers: int) -> Digests:
    """Import a file, wait until it is folded, learned and decided on, and have it verified."""
    roles = [cluster.start("profiles") for _ in range(workers)]
    roles += [cluster.start("alerts", **TEAM) for _ in range(min(workers, 2))]
    roles += [cluster.start("learning"), cluster.start("archive")]
    imported = cluster.run("import", file, "--map", MAP, "--json")
    assert imported.returncode == 0, imported.stderr
    asyncio.run(cluster.until_folded())
    decided = asyncio.run(until_decided(cluster))
    verified = cluster.run("verify", "--json", user="ops")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert [role.stop() for role in roles] == [0] * len(roles)
    found = Digests.of(verified.stdout)
    assert found.desk == decided.digest
    assert decided.tasks > 0
    return found
