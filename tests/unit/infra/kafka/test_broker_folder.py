"""The folder of a broker: loopback only, guarded, chosen once and kept, closed to others."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from infra.kafka.__main__ import environment
from infra.kafka.broker import Broker, format_arguments
from infra.kafka.broker_folder import USERS, BrokerFolder, ServerKeys, new_identity
from tests.support.kafka_broker import ContainerBroker

KEYS = ServerKeys(Path("/keys/broker.pem"), Path("/keys/ca.pem"))


def configured(folder: Path, keys: ServerKeys | None = None) -> dict[str, str]:
    made = BrokerFolder(folder)
    made.lay_out(keys)
    lines = made.configuration.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_nothing_listens_beyond_loopback(tmp_path: Path) -> None:
    listeners = configured(tmp_path, KEYS)["listeners"].split(",")

    assert len(listeners) == 3
    assert all(re.fullmatch(r"[A-Z]+://127\.0\.0\.1:\d+", listener) for listener in listeners)


def test_everybody_signs_in_and_who_holds_no_right_does_nothing(tmp_path: Path) -> None:
    configuration = configured(tmp_path, KEYS)

    assert configuration["listener.security.protocol.map"] == (
        "CONTROLLER:SASL_PLAINTEXT,LOCAL:SASL_PLAINTEXT,SECURE:SASL_SSL"
    )
    assert configuration["authorizer.class.name"].endswith(".StandardAuthorizer")
    assert configuration["allow.everyone.if.no.acl.found"] == "false"
    assert configuration["super.users"] == "User:admin"
    assert configuration["auto.create.topics.enable"] == "false"


def test_tls_is_spoken_where_there_are_keys(tmp_path: Path) -> None:
    without = configured(tmp_path / "without")
    with_keys = configured(tmp_path / "with", KEYS)

    assert "SECURE" not in without["listeners"]
    assert with_keys["listener.name.secure.ssl.keystore.location"] == "/keys/broker.pem"
    assert with_keys["listener.name.secure.ssl.client.auth"] == "requested"


def test_nothing_is_left_to_fill_in(tmp_path: Path) -> None:
    assert not [value for value in configured(tmp_path, KEYS).values() if "${" in value]


def test_ports_and_passwords_are_chosen_once(tmp_path: Path) -> None:
    folder = BrokerFolder(tmp_path)

    first = folder.lay_out()

    assert folder.lay_out(KEYS) == folder.identity() == first


def test_two_brokers_share_neither_port_nor_password() -> None:
    one, two = new_identity(), new_identity()

    assert one.cluster_id != two.cluster_id
    assert not {*one.passwords.values()} & {*two.passwords.values()}
    assert len({one.ports.controller, one.ports.local, one.ports.secure}) == 3


def test_passwords_are_for_the_owner_only(tmp_path: Path) -> None:
    folder = BrokerFolder(tmp_path)
    folder.lay_out()

    for path in (tmp_path / "identity.json", folder.configuration):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_formatting_makes_every_user() -> None:
    identity = new_identity()

    arguments = format_arguments(Path("/b/server.properties"), identity)

    assert arguments[:3] == [
        "kafka.tools.StorageTool",
        "format",
        "--config=/b/server.properties",
    ]
    assert re.fullmatch(r"--cluster-id=[A-Za-z0-9_]{22}", arguments[3])
    assert arguments.count("--add-scram") == len(USERS)


def test_what_a_container_is_to_do_is_a_script_that_a_shell_can_read(tmp_path: Path) -> None:
    broker = ContainerBroker(tmp_path / "with a blank")
    broker.prepare()

    script = broker.script()

    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0
    assert "kafka.tools.StorageTool format" in script
    assert script.endswith(f"kafka.Kafka '{broker.folder.configuration}'")
    assert not broker.is_running()


@pytest.mark.parametrize("user", USERS)
def test_a_shell_gets_what_a_user_signs_in_with(tmp_path: Path, user: str) -> None:
    broker = Broker(tmp_path)
    identity = broker.folder.lay_out()

    assert environment(broker.settings(user)).splitlines() == [
        f"export HOLDFAST_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:{identity.ports.local}",
        "export HOLDFAST_KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT",
        f"export HOLDFAST_KAFKA_SASL_USER={user}",
        f"export HOLDFAST_KAFKA_SASL_PASSWORD={identity.passwords[user]}",
        "export HOLDFAST_KAFKA_REPLICATION=1",
        "export HOLDFAST_KAFKA_MIN_INSYNC=1",
    ]


def test_a_broker_that_was_never_started_does_not_run_and_stops_at_once(tmp_path: Path) -> None:
    broker = Broker(tmp_path)

    broker.stop()

    assert not broker.is_running()
