"""Clients sign in over TLS; whatever keeps one out is said with what to mend."""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker import Broker
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


def test_brokers_that_are_down_at_first_are_reached_within_moments(broker: Broker) -> None:
    settings = broker.settings("ops")
    _, _, port = settings.bootstrap_servers.partition(":")
    with late_door(int(port)) as door:
        later = settings.model_copy(update={"bootstrap_servers": f"127.0.0.1:{door}"})

        assert "crm.facts" in AdminConnection(later).reach().topics


@contextmanager
def late_door(port: int) -> Iterator[int]:
    """A port that refuses at first, and soon afterwards leads to another."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        opening = threading.Timer(0.2, lead, (door, port))
        opening.start()
        yield door.getsockname()[1]
        opening.join()


def lead(door: socket.socket, port: int) -> None:
    """Carry one connection there and back until either side ends it."""
    door.listen()
    door.settimeout(10)
    caller, _ = door.accept()
    with (
        caller,
        socket.create_connection(("127.0.0.1", port)) as called,
        suppress(ConnectionError),
    ):
        carry({caller: called, called: caller})


def carry(there: dict[socket.socket, socket.socket]) -> None:
    while True:
        for one in select.select(list(there), [], [], 10)[0]:
            said = one.recv(65536)
            if not said:
                return
            there[one].sendall(said)


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
        AdminConnection(settings).reach()


def test_a_stranger_is_told_that_rights_are_missing(broker: Broker, holdfast: Holdfast) -> None:
    said = refusal(holdfast, broker.settings("stranger"))

    assert "stranger may not see who holds which right: sign in as an administrator" in said
