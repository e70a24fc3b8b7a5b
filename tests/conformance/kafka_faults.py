"""Ways to make a log on Kafka fail in one place: its commit, its ledger, its zombies."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from redis import Redis

from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.log.kafka_transactions import TransactionalProducer
from infra.log.port import LogUnavailableError
from infra.log.redis_ledger import LedgerChange, RedisLedger
from tests.support.given import LOG
from tests.support.redis_server import RedisServer


def other_writer(settings: KafkaSettings) -> Producer:
    """Another process' producer, which has just taken over; of Redis it knows nothing."""
    arguments = connection(settings).librdkafka
    names = TopicNames(settings.topic_prefix)
    producer = Producer({**arguments, "transactional.id": names.transaction, "log_level": 0})
    producer.init_transactions(30)
    return producer


def lose_answers_of_commits(monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> None:
    """Let the next commit go unanswered, whether or not the brokers got it."""
    commit = TransactionalProducer._commit

    def unanswered(self: TransactionalProducer, producer: Producer) -> None:
        monkeypatch.setattr(TransactionalProducer, "_commit", commit)
        producer.flush()
        if committed:
            commit(self, producer)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer", retriable=True))

    monkeypatch.setattr(TransactionalProducer, "_commit", unanswered)


def lose_ledger_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing reach the ledger, as when a process is killed between Kafka and Redis."""

    async def lost(self: RedisLedger, change: LedgerChange) -> None:
        raise LogUnavailableError("killed here")

    monkeypatch.setattr(RedisLedger, "commit", lost)


@contextmanager
def last_second_lost(redis: RedisServer) -> Iterator[None]:
    """Put the ledger back in the end as it was in the beginning: so does a server that was killed."""
    pattern = f"holdfast:{{{LOG.log_id}}}:*"
    with Redis(port=redis.port) as client:
        kept = {key: client.dump(key) for key in client.scan_iter(pattern)}
        yield
        for key in list(client.scan_iter(pattern)):
            client.delete(key)
        for key, content in kept.items():
            client.restore(key, 0, content)


def ledger_of(log: KafkaLog) -> RedisLedger:
    """The ledger of a writer."""
    assert log._writing is not None
    return log._writing._ledger
