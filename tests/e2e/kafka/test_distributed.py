"""The door and the other roles as processes on real servers: who writes, who waits, who refuses to begin."""

import asyncio
import datetime
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import msgspec
import pytest

from events.control import ClockMode
from infra.kafka.broker import Broker
from infra.kafka.cluster import ClusterAdmin
from infra.kafka.topic_steps import ChangeSetting
from infra.log.kafka import KafkaLog
from infra.log.redis_ledger import RedisLedger
from infra.redis.connection import redis_client
from tests.support.cluster import Cluster, cluster_on, until
from tests.support.given import LOG
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port
from tests.support.world import LEARNING, StoppedClock

NUMBERS = count(1)
PARTITIONS = 4


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    prefix = f"whole-{next(NUMBERS)}."
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, prefix, tmp_path, PARTITIONS) as made:
        yield made


ORDER = {
    "specversion": "1.0",
    "type": "crm.order.placed.v1",
    "source": "shop",
    "time": datetime.datetime.now(datetime.UTC).isoformat(),
    "datacontenttype": "application/json",
    "data": {
        "customer": {"system": "shop", "key": "anna"},
        "order_id": "1",
        "total": {"amount": 1000, "currency": "EUR"},
        "lines": [],
    },
}


class Door:
    """One ingest process, asked over HTTP."""

    def __init__(self, cluster: Cluster) -> None:
        self.port = free_port()
        self.role = cluster.start("ingest", "--port", str(self.port))

    def post(self, event_id: str) -> httpx.Response | None:
        """What it answers; None where it does not listen yet."""
        try:
            return httpx.post(
                f"http://127.0.0.1:{self.port}/v1/events",
                json={**ORDER, "id": event_id},
                headers={"content-type": "application/cloudevents+json"},
                timeout=30,
            )
        except httpx.ConnectError:
            return None

    def status(self, event_id: str) -> int:
        answer = self.post(event_id)
        return 0 if answer is None else answer.status_code

    def until(self, status: int, event_id: str = "probe") -> None:
        until(lambda: self.status(event_id) == status)


def test_of_two_doors_one_writes_and_the_other_goes_on_when_it_is_killed(cluster: Cluster) -> None:
    first = Door(cluster)
    first.until(202)
    second = Door(cluster)
    second.until(503)

    refused = second.post("refused")
    assert refused is not None
    assert refused.json()["type"] == "urn:holdfast:problem:stand-by"
    assert refused.headers["retry-after"] == "10"
    assert refused.headers["connection"] == "close", "a balancer is to find the one that writes"
    assert (first.role.ready(), second.role.ready()) == (True, False)

    first.role.process.kill()
    second.until(202, "after")
    until(second.role.ready)

    again = second.post("probe")
    assert again is not None
    assert again.json() == {"status": "duplicate"}, "what the first one took stands"


def test_a_door_that_is_told_to_end_leaves_its_turn_to_the_next_at_once(cluster: Cluster) -> None:
    first = Door(cluster)
    first.until(202)
    second = Door(cluster)
    second.until(503)

    assert first.role.stop() == 0

    until(lambda: second.status("after") == 202, seconds=8)


def test_a_writer_that_was_frozen_never_writes_beside_its_successor(cluster: Cluster) -> None:
    first, second = Door(cluster), None
    first.until(202)
    first.role.signal(signal.SIGSTOP)
    second = Door(cluster)
    second.until(202, "successor")

    first.role.signal(signal.SIGCONT)
    answers = {first.status(f"zombie {number}") for number in range(5)}

    assert answers == {503}
    assert second.status("zombie 0") == 202
    until(lambda: "stands by" in first.role.said())


def test_a_command_writes_while_the_door_steps_back_and_goes_on_afterwards(
    cluster: Cluster,
) -> None:
    door = Door(cluster)
    door.until(202)

    scheduled = cluster.run("source", "schedule", "probes", "--service", "data.mobile")
    assert scheduled.returncode == 0, scheduled.stderr
    stopped = cluster.run("clock", "set", "log")
    assert stopped.returncode == 0, stopped.stderr
    assert "The clock is set: log." in stopped.stdout

    door.until(202, "afterwards")
    assert "a command writes for a moment" in door.role.said()
    again = door.post("probe")
    assert again is not None
    assert again.json() == {"status": "duplicate"}


def test_a_role_refuses_topics_that_are_not_as_the_files_say(cluster: Cluster) -> None:
    put = ChangeSetting(f"{cluster.prefix}crm.facts", "retention.ms", "-1", "86400000")
    ClusterAdmin(cluster.settings()).perform([put])

    for role in ("ingest", "profiles", "learning"):
        refused = cluster.run(role, user=role)
        assert refused.returncode == 2
        assert "crm.facts: retention.ms is 86400000, needed is -1" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_profiles_and_learning_of_another_release_refuse_to_begin(cluster: Cluster) -> None:
    asyncio.run(_made_by_another_release(cluster))

    for role in ("profiles", "learning"):
        refused = cluster.run(role, user=role)
        assert refused.returncode == 2, refused.stderr
        assert "start the release that made it" in refused.stderr
        assert "Traceback" not in refused.stderr


async def _made_by_another_release(cluster: Cluster) -> None:
    client = redis_client(cluster.redis.settings)
    log = await KafkaLog.open(cluster.settings(), StoppedClock(), RedisLedger(client))
    try:
        await log.create(msgspec.structs.replace(LOG, log_id=cluster.prefix), ClockMode.LOG)
        await log.create_projection(LEARNING)
    finally:
        await log.close()
        await client.aclose()
