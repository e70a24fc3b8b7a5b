"""A trace is followed from a sender, by either way in, to the signal that came of its fact."""

import asyncio
import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from infra.kafka.broker import Broker
from infra.kafka.connection import connection
from tests.support.cluster import Cluster, cluster_on, until
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port

TRACES = [f"00-{number:032x}-b7ad6b7169203331-01" for number in (1, 2)]
PLACED = b"crm.customer.placed.v1"


@pytest.fixture
def cluster(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Cluster]:
    with cluster_on(bare_broker, redis_server, postgres_server, "traced.", tmp_path) as made:
        yield made


def assigned(customer: str) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"assigned {customer}",
        "type": "crm.account.assigned.v1",
        "source": "shop",
        "time": datetime.datetime.now(datetime.UTC).isoformat(),
        "data": {"customer": {"system": "shop", "key": customer}, "root_account": customer},
    }


STRUCTURED = "application/cloudevents+json"


def accepted(url: str, customer: str, **headers: str) -> bool:
    named = {"content-type": STRUCTURED, **headers}
    try:
        return httpx.post(url, json=assigned(customer), headers=named).status_code == 202
    except httpx.TransportError:
        return False


async def publish(cluster: Cluster, customer: str, trace: str) -> None:
    producer = AIOKafkaProducer(**connection(cluster.settings()).aiokafka, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(
            f"{cluster.prefix}crm.intake",
            json.dumps(assigned(customer)).encode(),
            headers=[("content-type", STRUCTURED.encode()), ("traceparent", trace.encode())],
        )
    finally:
        await producer.stop()


async def records(
    cluster: Cluster, topic: str, type_name: bytes, number: int
) -> "list[ConsumerRecord[bytes, bytes]]":
    """The first records of a type, from all partitions."""
    consumer = AIOKafkaConsumer(
        f"{cluster.prefix}{topic}",
        **connection(cluster.settings()).aiokafka,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        found = []
        async with asyncio.timeout(120):
            async for record in consumer:
                found += [record] if ("ce_type", type_name) in record.headers else []
                if len(found) == number:
                    return found
    finally:
        await consumer.stop()


def test_a_trace_stands_beside_the_fact_and_what_was_said_of_it(cluster: Cluster) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1/events"
    cluster.start("ingest", "--port", str(port))
    until(lambda: accepted(url, "nobody's"), seconds=120)
    cluster.start("profiles")
    cluster.start("intake", HOLDFAST_INTAKE_DOOR=url.removesuffix("/v1/events"))

    assert accepted(url, "anna", traceparent=TRACES[0])
    asyncio.run(publish(cluster, "bert", TRACES[1]))

    for topic, type_name in (("crm.facts", b"crm.account.assigned.v1"), ("crm.signals", PLACED)):
        found = asyncio.run(records(cluster, topic, type_name, 3))
        traces = [dict(one.headers).get("traceparent") for one in found]
        assert sorted(trace or b"" for trace in traces) == [b"", *map(str.encode, TRACES)]
