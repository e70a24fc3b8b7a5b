"""Facts on a real broker, produced as the writer of the log does: in transactions."""

from collections.abc import Sequence

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from events import codec
from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_records import Consumed, fact_message, fact_of
from infra.log.records import FactRecord, NewFact
from infra.stream.kafka import FactFeed, FeedPlace, Message


def made_topic(settings: KafkaSettings, name: str, partitions: int) -> str:
    """Make a topic as `crm.facts` is; return its name."""
    admin = AdminClient({**connection(settings).librdkafka, "log_level": 0})
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
    for made in admin.create_topics([NewTopic(name, partitions, 1, config=config)]).values():
        made.result()
    return name


class FactsProducer:
    """Writes transactions of one topic."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._topic = topic
        self._producer = Producer(
            {
                **connection(settings).librdkafka,
                "transactional.id": f"{topic}-writer",
                "log_level": 0,
            }
        )
        self._producer.init_transactions(10)

    def commit(self, partition: int, facts: Sequence[NewFact]) -> None:
        self._send(partition, facts)
        self._producer.commit_transaction(10)

    def abort(self, partition: int, facts: Sequence[NewFact]) -> None:
        self._send(partition, facts)
        self._producer.flush(10)
        self._producer.abort_transaction(10)

    def _send(self, partition: int, facts: Sequence[NewFact]) -> None:
        self._producer.begin_transaction()
        for fact in facts:
            message = fact_message(partition, record_of(fact), "")
            self._producer.produce(
                self._topic,
                message.value,
                key=message.key,
                partition=partition,
                headers=message.headers,
            )


def record_of(fact: NewFact) -> FactRecord:
    """A fact as it is produced: the brokers give it its offset and its time."""
    fields = (
        0,
        fact.type,
        fact.customer_id,
        fact.source,
        fact.id,
        fact.time,
        fact.day,
        0,
        fact.data,
    )
    return FactRecord(*fields, codec.digest_of_fields(*fields))


def feed_of(settings: KafkaSettings, topic: str, group: str) -> FactFeed:
    """A feed of this topic."""
    return FactFeed(connection(settings).aiokafka, FeedPlace(topic, group), decoded)


def decoded(message: Message) -> FactRecord:
    return fact_of(Consumed.of("crm.facts", message))
