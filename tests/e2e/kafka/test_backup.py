"""The drill: everything is lost, and comes back from a backup, on real servers."""

import asyncio
import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest
from redis import Redis

from events.control import ClockMode
from infra.kafka.broker import Broker
from services.distributed.archive import archive_role
from services.distributed.ingest import ingest_role
from services.distributed.learning import learning_role
from services.distributed.profiles import profiles_role
from services.distributed.servers import Servers
from services.door_server import listening
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.worker import Role
from tests.e2e.kafka.conftest import Ended, Holdfast
from tests.support.cluster import Cluster, cluster_on, until
from tests.support.desk_cluster import until_decided
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.retail import TEAM
from tests.support.servers import free_port

SECONDS = 120.0
SAMPLES = Path(__file__).parents[3] / "samples"
SAMPLE, MAP = SAMPLES / "online-retail-sample.csv.gz", SAMPLES / "online-retail.map.yaml"

Answer = dict[str, Any]  # JSON of any command


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, "drill.", tmp_path, 2) as made:
        yield made


@pytest.fixture
def shell(cluster: Cluster, holdfast: Holdfast, monkeypatch: pytest.MonkeyPatch) -> "Shell":
    for name, value in cluster.environment("ops").items():
        if name.startswith("HOLDFAST_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOLDFAST_HEALTH_PORT", "0")
    return Shell(cluster, holdfast)


class Shell:
    """Runs commands on the cluster, in this process."""

    def __init__(self, cluster: Cluster, holdfast: Holdfast) -> None:
        self._cluster, self._holdfast = cluster, holdfast

    def asked(self, *arguments: str | Path, user: str = "ops") -> Answer:
        """What a command answers."""
        ended = self._run(*arguments, user=user)
        assert ended.code == 0, ended.out + ended.err
        found: Answer = json.loads(ended.out)
        return found

    def shown(self) -> Answer:
        """All that people see of the log, and its proof, once all was folded and archived."""
        asyncio.run(self._cluster.until_folded())
        asyncio.run(until_decided(self._cluster))
        until(self._is_archived, SECONDS)
        verified, flagged = self.asked("verify"), self.asked("flagged", "--limit", "500")
        status, customers = self.asked("status"), flagged["customers"]
        assert len(customers) > 1
        found = {
            "digest": verified["digest"],
            "counts": verified["counts"],
            "desk": verified["desk"],
            "flagged": flagged,
            "cards": [self.asked("card", one["customer_id"]) for one in customers],
            "status": {name: status[name] for name in ("log", "projection", "model")},
        }
        kept = without_offsets(found)
        assert isinstance(kept, dict)
        return kept

    def _is_archived(self) -> bool:
        ended = self._run("status", user="ops")
        return ended.code == 0 and json.loads(ended.out)["archive_behind"] == 0

    def _run(self, *arguments: str | Path, user: str) -> Ended:
        return self._holdfast(self._cluster.settings(user), *map(str, arguments), "--json")


def without_offsets(found: object) -> object:
    """The same without the numbers that Kafka gives to records: a restored one has another."""
    match found:
        case dict():
            return {name: without_offsets(one) for name, one in found.items() if name != "offset"}
        case list():
            return list(map(without_offsets, found))
        case _:
            return found


class Services:
    """Every service that the drill needs, on an event loop beside the test, until `stop`."""

    def __init__(self, cluster: Cluster) -> None:
        self.port = free_port()
        self._cluster = cluster
        self._runner = asyncio.Runner()
        self._stopping = asyncio.Event()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._runner.get_loop().call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def post(self, event_id: str) -> tuple[int, Answer]:
        """What the door answers to an order of a new customer."""
        event = {
            "specversion": "1.0",
            "type": "crm.order.placed.v1",
            "source": "online-retail",
            "id": event_id,
            "time": "2011-02-27T10:00:00Z",
            "datacontenttype": "application/json",
            "data": {
                "customer": {"system": "online-retail", "key": "anna"},
                "order_id": event_id,
                "total": {"amount": 1000, "currency": "GBP"},
                "lines": [],
            },
        }
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/v1/events",
            json=event,
            headers={"content-type": "application/cloudevents+json"},
            timeout=30,
        )
        return answer.status_code, answer.json()

    def _run(self) -> None:
        with self._runner:
            self._runner.run(self._work())

    async def _work(self) -> None:
        ingest, clock = IngestSettings(), ClockMode.WALL
        async with AsyncExitStack() as opened:
            listener = opened.enter_context(listening("127.0.0.1", self.port))
            door = ingest_role(
                self._as("ingest"), ingest, NewLog.from_settings(ingest, clock), listener
            )
            roles: list[Role] = [
                await opened.enter_async_context(door),
                await opened.enter_async_context(profiles_role(self._as("profiles"))),
                await opened.enter_async_context(learning_role(self._as("learning"))),
                await opened.enter_async_context(archive_role(self._as("ops"))),
            ]
            working = [asyncio.create_task(role.run()) for role in roles]
            await self._stopping.wait()
            for role in roles:
                role.stop()
            await asyncio.gather(*working)

    def _as(self, user: str) -> Servers:
        return Servers(self._cluster.settings(user), self._cluster.redis.settings)


def cut_of_the_sample(folder: Path) -> Path:
    """Some of the customers, and of them the first quarter."""
    cut = folder / "cut.csv"
    with (
        gzip.open(SAMPLE, "rt", encoding="utf-8") as sample,
        cut.open("w", encoding="utf-8") as out,
    ):
        rows = csv.DictReader(sample)
        writer = csv.DictWriter(out, rows.fieldnames or ())
        writer.writeheader()
        writer.writerows(
            row
            for row in rows
            if row["CustomerID"].endswith("7.0") and row["InvoiceDate"] < "2011-03-01"
        )
    return cut


def lose_everything(cluster: Cluster) -> None:
    cluster.delete_topics()
    with Redis(port=cluster.redis.port) as client:
        client.flushall()
    with psycopg.connect(cluster.postgres.conninfo) as connection:
        connection.execute(f"DROP SCHEMA {cluster.postgres.db_schema} CASCADE")


def test_all_that_was_lost_comes_back_from_a_backup(
    cluster: Cluster, shell: Shell, tmp_path: Path
) -> None:
    # given a log with all that is made of it, backed up while the services run
    shell.asked("import", cut_of_the_sample(tmp_path), "--map", MAP, user="ingest")
    services, alerts = Services(cluster), cluster.start("alerts", **TEAM)
    until(lambda: services.post("before the loss")[0] == 202, SECONDS)
    before = shell.shown()
    assert before["desk"]["tasks"] > 0
    saved = shell.asked("backup", tmp_path / "saved")
    services.stop()
    assert alerts.stop() == 0
    cluster.forget(alerts)

    # when the topics, Redis and PostgreSQL are gone, and the backup is restored
    lose_everything(cluster)
    shell.asked("topics", "apply", user="admin")
    assert shell.asked("restore", tmp_path / "saved", user="admin") == saved

    # then everything is made from it as it was
    services = Services(cluster)
    cluster.start("alerts")
    try:
        assert shell.shown() == before

        # and what was taken before is still known, and what is new is taken
        assert services.post("before the loss") == (202, {"status": "duplicate"})
        assert services.post("after the loss")[0] == 202
        assert shell.shown()["counts"]["facts"] == before["counts"]["facts"] + 1
    finally:
        services.stop()
