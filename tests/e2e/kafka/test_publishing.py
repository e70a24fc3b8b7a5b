"""Messages are waited for by the last one of each partition; that it stands must mean all before it do."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from infra.kafka.broker import Broker
from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_producing import MessagePublisher, Place
from infra.log.kafka_records import Message
from infra.log.port import LogUnavailableError
from tests.support.kafka_clients import read
from tests.support.kafka_topics import delete_topics

PARTITIONS = 3
LARGEST = 40_000
NUMBERS = count(1)


@pytest.fixture
def topic(bare_broker: Broker) -> Iterator[tuple[KafkaSettings, str]]:
    """A topic that takes no record above a size."""
    settings, name = bare_broker.settings("admin"), f"published-{next(NUMBERS)}"
    admin = AdminClient({**connection(settings).librdkafka, "log_level": 0})
    new = NewTopic(name, PARTITIONS, 1, config={"max.message.bytes": str(LARGEST)})
    admin.create_topics([new])[name].result()
    yield settings, name
    delete_topics(settings, [name])


def publish(settings: KafkaSettings, *batches: Sequence[Message]) -> list[Sequence[Place] | str]:
    """Publish one batch after the other; what came of each."""

    async def run() -> list[Sequence[Place] | str]:
        publisher, came = MessagePublisher(settings), list[Sequence[Place] | str]()
        try:
            for batch in batches:
                try:
                    came.append(await publisher.publish(batch))
                except LogUnavailableError as error:
                    came.append(str(error))
            return came
        finally:
            await publisher.close()

    return asyncio.run(run())


def of(topic: str, partition: int, *values: bytes) -> list[Message]:
    return [Message(topic, partition, None, value, []) for value in values]


def test_messages_stand_in_order_and_the_last_of_each_partition_is_told(
    topic: tuple[KafkaSettings, str],
) -> None:
    settings, name = topic
    values = [b"%d" % number for number in range(200)]
    mixed = [
        one for pair in zip(of(name, 0, *values), of(name, 2, *values), strict=True) for one in pair
    ]

    (places,) = publish(settings, [*mixed, *of(name, 1, b"alone")])

    assert sorted(places) == [(0, 199), (1, 0), (2, 199)]
    assert [record.value for record in read(settings, name, 0)] == values


def test_nothing_stands_after_a_message_that_the_brokers_refuse(
    topic: tuple[KafkaSettings, str],
) -> None:
    settings, name = topic
    noise = Random(1).randbytes(5 * LARGEST)  # which cannot be compressed
    refused = of(name, 0, b"first", noise, *[b"after"] * 500, b"last")

    said = publish(settings, of(name, 0, b"before"), refused, of(name, 0, b"again"))

    assert said[0] == [(0, 0)]
    assert "Kafka did not take it" in str(said[1])
    stands = [record.value for record in read(settings, name, 0)]
    assert stands in ([b"before", b"again"], [b"before", b"first", b"again"])
