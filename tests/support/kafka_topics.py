"""Topics of a test's own on the one broker, below a prefix that no other test has."""

import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import count

import msgspec
from confluent_kafka.admin import AdminClient, NewTopic

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker import Broker
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_plan import needed_topic
from schemas.topic_files import read_topics

_numbers = count(1)


@contextmanager
def own_topics(broker: Broker, partitions: int = 1) -> Iterator[KafkaSettings]:
    """The administrator's settings with a prefix; its topics are made, and deleted in the end.

    Topics that have many partitions get this many.
    """
    prefix = f"test-{next(_numbers)}."
    own = {"topic_prefix": prefix, "partitions": partitions}
    settings = broker.settings("admin").model_copy(update=own)
    client = AdminConnection(settings).client
    needed = [
        needed_topic(
            msgspec.structs.replace(
                topic,
                name=TopicNames(prefix).of(topic.name),
                partitions=min(topic.partitions, partitions),
            ),
            settings,
        )
        for topic in read_topics()
    ]
    new = [
        NewTopic(one.name, num_partitions=one.partitions, replication_factor=1, config=one.settings)
        for one in needed
    ]
    for made in client.create_topics(new).values():
        made.result()
    wait_until_shown(client, {one.name for one in needed})
    try:
        yield settings
    finally:
        if broker.is_running():
            delete_topics(settings, [one.name for one in needed])


def wait_until_shown(client: AdminClient, names: AbstractSet[str]) -> None:
    """Return once the broker shows topics to others, which may be after it answered."""
    while not names <= client.list_topics(timeout=10).topics.keys():
        time.sleep(0.01)


def delete_topics(settings: KafkaSettings, names: Sequence[str]) -> None:
    """Delete topics by their whole names."""
    client = AdminConnection(settings).client
    for gone in client.delete_topics(list(names)).values():
        gone.result()


def make_anew(settings: KafkaSettings, name: str) -> None:
    """Delete a topic with all that stands in it, and make it again."""
    client = AdminConnection(settings).client
    partitions = len(client.list_topics(name).topics[name].partitions)
    delete_topics(settings, [name])
    new = NewTopic(name, partitions, 1, config={"message.timestamp.type": "LogAppendTime"})
    client.create_topics([new])[name].result()
    wait_until_shown(client, {name})
