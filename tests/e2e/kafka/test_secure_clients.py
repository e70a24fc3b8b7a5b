"""Clients sign in over TLS; whatever keeps one out is said with what to mend."""

import ssl
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from infra.kafka.broker import Broker
from infra.kafka.cluster import ClusterAdmin
from infra.kafka.cluster_errors import ClusterError
from infra.kafka.settings import KafkaSettings, SaslMechanism, SecurityProtocol
from tests.e2e.kafka.conftest import Holdfast
from tests.support.kafka_clients import read, write
from tests.support.kafka_keys import Authority


def test_a_fact_goes_in_and_comes_out_over_tls(broker: Broker, authority: Authority) -> None:
    offset = write(broker.settings("ingest", authority.file), "crm.facts", b"over TLS")

    found = read(
        broker.settings("profiles", authority.file), "crm.facts", offset, group="profiles-tls"
    )

    assert [record.value for record in found] == [b"over TLS"]


def test_rights_hold_over_tls_and_the_command_works_there(
    broker: Broker, authority: Authority, holdfast: Holdfast
) -> None:
    checked = holdfast(
        broker.settings("ops", authority.file), "topics", "check", CA_FILE=authority.file
    )

    assert (checked.code, checked.err) == (0, "")


def test_a_client_that_trusts_another_authority_talks_to_nobody(
    broker: Broker, tmp_path: Path
) -> None:
    settings = broker.settings("ingest", Authority(tmp_path).file)

    with pytest.raises((KafkaConnectionError, ssl.SSLError)):
        write(settings, "crm.facts", b"to a false broker")


def refusal(holdfast: Holdfast, settings: KafkaSettings, **changed: str | Path) -> str:
    ended = holdfast(settings, "topics", "check", **changed)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    return ended.err


def test_a_wrong_password_is_told_with_the_settings_to_mend(
    broker: Broker, holdfast: Holdfast
) -> None:
    said = refusal(holdfast, broker.settings("ops"), SASL_PASSWORD="wrong-one")

    assert "does not let ops in: check HOLDFAST_KAFKA_SASL_USER, HOLDFAST_KAFKA_SASL_PASS" in said
    assert "wrong-one" not in said


def test_a_wrong_password_over_tls_is_no_matter_of_certificates(
    broker: Broker, authority: Authority, holdfast: Holdfast
) -> None:
    said = refusal(
        holdfast,
        broker.settings("ops", authority.file),
        CA_FILE=authority.file,
        SASL_PASSWORD="wrong-one",
    )

    assert "does not let ops in" in said


def test_another_authority_is_told_with_the_setting_to_mend(
    broker: Broker, authority: Authority, holdfast: Holdfast, tmp_path: Path
) -> None:
    other = Authority(tmp_path).file

    said = refusal(holdfast, broker.settings("ops", authority.file), CA_FILE=other)

    assert "check HOLDFAST_KAFKA_CA_FILE, which must hold the authority that signed" in said


def test_a_broker_that_is_down_is_told_with_where_it_was_looked_for(
    broker: Broker, holdfast: Holdfast
) -> None:
    said = refusal(holdfast, broker.settings("ops"), BOOTSTRAP_SERVERS="127.0.0.1:1")

    assert "no broker answers at 127.0.0.1:1: check that it runs" in said
    assert "Connection refused" in said


def test_a_name_that_nobody_knows_is_told(broker: Broker, holdfast: Holdfast) -> None:
    said = refusal(holdfast, broker.settings("ops"), BOOTSTRAP_SERVERS="broker.invalid:9092")

    assert "no broker answers at broker.invalid:9092" in said
    assert "Failed to resolve" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"security_protocol": SecurityProtocol.SASL_SSL},
        {"security_protocol": SecurityProtocol.PLAINTEXT},
        {"sasl_mechanism": SaslMechanism.PLAIN},
    ],
    ids=str,
)
def test_another_way_of_signing_in_is_refused_and_named(
    broker: Broker, changed: dict[str, object]
) -> None:
    settings = broker.settings("ops").model_copy(update=changed)
    (setting,) = changed

    with pytest.raises(ClusterError, match=f"HOLDFAST_KAFKA_{setting.upper()}"):
        ClusterAdmin(settings).reach()


def test_a_stranger_is_told_that_rights_are_missing(broker: Broker, holdfast: Holdfast) -> None:
    said = refusal(holdfast, broker.settings("stranger"))

    assert "stranger may not see who holds which right: sign in as an administrator" in said
