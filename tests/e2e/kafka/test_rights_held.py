"""Only ingest appends facts: the broker itself keeps everybody else out."""

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker import Broker
from infra.kafka.connection import connection
from tests.support.kafka_clients import read, write, write_in_transaction


def test_ingest_writes_facts_and_everybody_named_reads_them(broker: Broker) -> None:
    offset = write(broker.settings("ingest"), "crm.facts", b"a fact")

    for service in ("ingest", "profiles", "learning", "archive", "ops"):
        found = read(broker.settings(service), "crm.facts", offset, group=f"{service}-test")

        assert [record.value for record in found] == [b"a fact"]


@pytest.mark.parametrize("user", ["profiles", "learning", "archive", "ops"])
def test_a_producer_without_the_right_cannot_write_facts(broker: Broker, user: str) -> None:
    before = write(broker.settings("ingest"), "crm.facts", b"before")

    with pytest.raises((TopicAuthorizationFailedError, ClusterAuthorizationFailedError)):
        write(broker.settings(user), "crm.facts", b"forged")

    assert write(broker.settings("ingest"), "crm.facts", b"after") == before + 1


@pytest.mark.parametrize(
    ("user", "topic"),
    [
        ("ingest", "crm.control"),
        ("ingest", "crm.dead-letters"),
        ("profiles", "crm.signals"),
        ("profiles", "crm.profiles"),
        ("profiles", "crm.snapshots"),
        ("profiles", "crm.control"),
        ("learning", "crm.control"),
    ],
)
def test_who_is_named_may_write(broker: Broker, user: str, topic: str) -> None:
    assert write(broker.settings(user), topic, b"allowed") >= 0


@pytest.mark.parametrize(
    ("user", "topic"),
    [("ingest", "crm.signals"), ("learning", "crm.snapshots"), ("profiles", "crm.dead-letters")],
)
def test_a_service_may_not_write_the_topics_of_another(
    broker: Broker, user: str, topic: str
) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        write(broker.settings(user), topic, b"not allowed")


def test_a_stranger_sees_no_topic_at_all(broker: Broker) -> None:
    assert AdminConnection(broker.settings("stranger")).reach().topics == {}


def test_a_service_may_not_commit_for_the_group_of_another(broker: Broker) -> None:
    offset = write(broker.settings("ingest"), "crm.facts", b"a fact")

    with pytest.raises(GroupAuthorizationFailedError):
        read(broker.settings("learning"), "crm.facts", offset, group="profiles")


def test_days_are_opened_in_a_transaction_of_ingest_alone(broker: Broker) -> None:
    write_in_transaction(broker.settings("ingest"), "clock", "crm.control")

    with pytest.raises(TransactionalIdAuthorizationFailed):
        write_in_transaction(broker.settings("profiles"), "clock", "crm.control")


def test_nobody_but_an_administrator_deletes_facts(broker: Broker) -> None:
    client = AdminClient(connection(broker.settings("ingest")).librdkafka)

    for asked in (
        client.delete_topics(["crm.facts"]),
        client.delete_records([TopicPartition("crm.facts", 0, 1)]),
    ):
        with pytest.raises(KafkaException, match="uthorization failed"):
            next(iter(asked.values())).result(20)


def test_a_back_dated_fact_gets_the_time_of_its_append(broker: Broker) -> None:
    offset = write(broker.settings("ingest"), "crm.facts", b"of 1970", timestamp=86_400_000)

    (found,) = read(broker.settings("ops"), "crm.facts", offset)

    assert found.timestamp_type == 1
    assert found.timestamp > 1_700_000_000_000
