"""From facts to tasks and back on real servers: what alerts decide, publish and tell."""

import asyncio
import datetime
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from domain.retention.commands import Accept, Close, LogContact, Snooze
from domain.retention.task import TaskState
from events.interactions import Channel, Direction
from events.task_values import Outcome, TaskId, WakeOn
from infra.archive.postgres import PostgresArchive
from infra.desk.reading import InboxQuery
from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, cluster_on, until
from tests.support.desk_cluster import DeskOfCluster, DeskState, desk_of, team, until_decided
from tests.support.postgres_server import PostgresServer
from tests.support.quiet_shop import written
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port
from tests.support.world import awaited

PARTITIONS = 4
SECONDS = 60.0


class Shop(msgspec.Struct, frozen=True):
    """A cluster into which a quiet shop was imported, and what was decided then."""

    cluster: Cluster
    folder: Path
    door: str
    decided: DeskState


@pytest.fixture(scope="module")
def shop(
    bare_broker: Broker,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    door = f"http://127.0.0.1:{port}"
    command = written(folder, 12)[:-1]
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, "alerts-1.", folder, PARTITIONS) as cluster:
        for role in ("profiles", "learning", "archive"):
            cluster.start(role)
        cluster.start("alerts", HOLDFAST_ALERTS_DOOR=door, **team(folder))
        imported = cluster.run(*command)
        assert imported.returncode == 0, imported.stderr
        cluster.start("ingest", "--port", str(port))
        asyncio.run(cluster.until_folded())
        yield Shop(cluster, folder, door, asyncio.run(until_decided(cluster)))


async def until_state(desk: DeskOfCluster, task_id: TaskId, state: TaskState) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        task = await desk.reader.task(task_id)
        assert task is not None
        if task.state is state:
            return
        assert time.monotonic() < deadline, task
        await asyncio.sleep(0.1)


def test_a_verification_covers_the_desk(shop: Shop) -> None:
    verified = shop.cluster.run("verify", "--json", user="ops")
    assert verified.returncode == 0, verified.stdout + verified.stderr

    found = json.loads(verified.stdout)["desk"]

    assert (found["tasks"], found["decisions"]) == (4, shop.decided.signals)
    assert (found["digest"], found["published"]) == (shop.decided.digest, shop.decided.events)


def test_what_is_said_of_tasks_is_archived(shop: Shop) -> None:
    shown = shop.cluster.run("tail", "crm.tasks", "--limit", "500", "--json", user="ops")

    said = [json.loads(line) for line in shown.stdout.splitlines()]

    assert sum(each["type"].startswith("crm.task.raised.") for each in said) == 4
    assert len({each["sequence"] for each in said}) == shop.decided.events
    assert {each["source"].partition(":")[0] for each in said} == {"desk"}


@awaited
async def test_a_closing_comes_back_as_a_fact_of_its_customer_once(shop: Shop) -> None:
    async with desk_of(shop.cluster) as desk:
        task = (await desk.reader.inbox(InboxQuery(limit=1))).tasks[0]
        accepted = await desk.do(task, Accept)
        told = await desk.do(
            accepted, lambda about: LogContact(about, Channel.CALL, Direction.OUTBOUND, True)
        )
        closed = await desk.do(told, lambda about: Close(about, Outcome.SAVED_CONFIRMED))

    deadline = time.monotonic() + SECONDS
    while not (facts := await outcomes_of(shop, closed.customers[0])):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)

    assert [fact["outcome"] for fact in facts] == ["saved-confirmed"]
    assert facts[0]["customer"]["system"] == "shop"
    await until_decided(shop.cluster)


async def outcomes_of(shop: Shop, customer_id: str) -> list[dict[str, object]]:
    archive = await PostgresArchive.open(shop.cluster.postgres)
    try:
        facts = await archive.slice(customer_id, 2**62)
    finally:
        await archive.close()
    return [json.loads(one.data) for one in facts if one.type == "crm.retention.closed.v1"]


@awaited
async def test_a_complaint_wakes_the_task_that_rests_for_it(shop: Shop) -> None:
    async with desk_of(shop.cluster) as desk:
        task = (await desk.reader.inbox(InboxQuery(states=(TaskState.OFFERED,), limit=1))).tasks[0]
        accepted = await desk.do(task, Accept)
        now = await desk.desk.now()
        until_day = now.day + datetime.timedelta(days=30)
        await desk.do(accepted, lambda about: Snooze(about, until_day, (WakeOn.NEW_COMPLAINT,)))
        tomorrow = now.day + datetime.timedelta(days=1)
        advanced = await asyncio.to_thread(
            shop.cluster.run, "clock", "advance", "--to", str(tomorrow)
        )
        assert advanced.returncode == 0, advanced.stderr
        complaint = await named_complaint(shop, task.customers[0], f"{tomorrow}T10:00:00Z")
        await asyncio.to_thread(until, lambda: posted(shop, complaint))

        await until_state(desk, task.task_id, TaskState.WORKING)

        last = (await desk.reader.history(task.task_id))[-1]
        assert last.type == "crm.task.woken.v1"


async def named_complaint(shop: Shop, customer_id: str, at: str) -> dict[str, object]:
    archive = await PostgresArchive.open(shop.cluster.postgres)
    try:
        first = await archive.first_fact(customer_id)
    finally:
        await archive.close()
    assert first is not None
    return {
        "specversion": "1.0",
        "type": "crm.complaint.opened.v1",
        "source": "calls",
        "id": f"complaint of {customer_id}",
        "time": at,
        "data": {
            "customer": json.loads(first.data)["customer"],
            "complaint_id": "c-1",
            "category": "billing",
            "severity": "high",
        },
    }


def posted(shop: Shop, event: dict[str, object]) -> bool:
    headers = {"content-type": "application/cloudevents+json"}
    answer = httpx.post(f"{shop.door}/v1/events", json=event, headers=headers, timeout=30)
    assert answer.status_code in {202, 503}, answer.text
    return answer.status_code == 202


def test_a_desk_that_is_older_than_what_it_told_is_refused(shop: Shop) -> None:
    with psycopg.connect(shop.cluster.postgres.conninfo) as desk:
        desk.execute("CREATE TABLE kept AS SELECT * FROM stored_events")
        newest = "(SELECT max(notification_id) FROM stored_events WHERE topic LIKE 'crm.task.%')"
        desk.execute(f"DELETE FROM stored_events WHERE notification_id >= {newest}")
    refused = shop.cluster.run("alerts", user="alerts")
    with psycopg.connect(shop.cluster.postgres.conninfo) as desk:
        desk.execute("INSERT INTO stored_events SELECT * FROM kept ON CONFLICT DO NOTHING")
        desk.execute("DROP TABLE kept")

    assert refused.returncode == 2, refused.stderr
    assert "it was lost or is an old copy" in refused.stderr
    assert "Traceback" not in refused.stderr
