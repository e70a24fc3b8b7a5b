"""A broker that guards nothing is found out; one that wants certificates gets them, or says so."""

import pytest
from aiokafka.errors import KafkaConnectionError

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker import Broker
from infra.kafka.cluster import ClusterAdmin
from infra.kafka.cluster_errors import BrokerNotTrustedError, RefusedByBrokerError
from infra.kafka.rights import Operation, Resource, Right
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_steps import GiveRight, Obstacle
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from tests.e2e.kafka.conftest import Holdfast
from tests.support.kafka_clients import read, write
from tests.support.kafka_keys import Authority


def test_brokers_that_guard_nothing_fail_the_check_with_what_to_set(
    odd_broker: Broker, holdfast: Holdfast
) -> None:
    own = odd_broker.settings("stranger")

    applied = holdfast(own, "topics", "apply")
    checked = holdfast(own, "topics", "check")

    assert (applied.code, checked.code) == (1, 1)
    assert "crm.facts" in AdminConnection(own).reach().topics
    assert checked.out == (
        "1 thing differs:\n  *: authorizer.class.name is not set, needed is an authorizer: "
        "without one everybody may write; set it on the brokers\n"
    )
    (left,) = TopicsAsCode(read_topics(), own).apply().left
    assert left.obstacle is Obstacle.NOT_GUARDED


def test_what_a_broker_refuses_for_a_reason_of_its_own_is_told(odd_broker: Broker) -> None:
    right = Right("User:ingest", Operation.WRITE, Resource.TOPIC, "crm.facts")

    with pytest.raises(RefusedByBrokerError, match="does not give rights: No Authorizer"):
        ClusterAdmin(odd_broker.settings("admin")).perform([GiveRight(right)])


def showing(settings: KafkaSettings, of: Authority) -> KafkaSettings:
    certificate, key = of.client()
    return settings.model_copy(
        update={"client_certificate_file": certificate, "client_key_file": key}
    )


def test_a_client_shows_its_certificate_by_either_library(
    odd_broker: Broker, authority: Authority
) -> None:
    settings = showing(odd_broker.settings("ingest", authority.file), authority)
    TopicsAsCode(read_topics(), settings).apply()

    offset = write(settings, "crm.facts", b"with a certificate")

    assert [record.value for record in read(settings, "crm.facts", offset)] == [
        b"with a certificate"
    ]


def test_a_client_without_a_certificate_is_told_so(
    odd_broker: Broker, authority: Authority
) -> None:
    settings = odd_broker.settings("ingest", authority.file)

    with pytest.raises(BrokerNotTrustedError, match="and the client's certificate"):
        AdminConnection(settings).reach()
    with pytest.raises(KafkaConnectionError):
        write(settings, "crm.facts", b"without a certificate")
