"""The same settings reach both client libraries, each by its own names."""

import ssl
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings, KafkaSettingsError, SaslMechanism, SecurityProtocol


class Keys:
    """An authority and a client's certificate with its key, as PEM files."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        client = authority.issue_cert("client@holdfast.example")
        self.ca, self.certificate, self.key = (
            folder / name for name in ("ca.pem", "client.pem", "client.key")
        )
        authority.cert_pem.write_to_path(self.ca)
        client.cert_chain_pems[0].write_to_path(self.certificate)
        client.private_key_pem.write_to_path(self.key)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def test_in_the_clear_nothing_but_the_servers_is_told() -> None:
    settings = KafkaSettings(
        bootstrap_servers="a.example:9092,b.example:9092",
        security_protocol=SecurityProtocol.PLAINTEXT,
    )

    told = connection(settings)

    assert told.librdkafka == {
        "bootstrap.servers": "a.example:9092,b.example:9092",
        "security.protocol": "PLAINTEXT",
    }
    assert told.aiokafka == {
        "bootstrap_servers": "a.example:9092,b.example:9092",
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": None,
        "sasl_plain_password": None,
    }


def test_signed_in_and_encrypted_both_know_user_password_and_authority(keys: Keys) -> None:
    settings = KafkaSettings(
        bootstrap_servers="a.example:9093",
        sasl_mechanism=SaslMechanism.PLAIN,
        sasl_user="ingest",
        sasl_password=SecretStr("open-sesame"),
        ca_file=keys.ca,
    )

    told = connection(settings)

    assert told.librdkafka == {
        "bootstrap.servers": "a.example:9093",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "ingest",
        "sasl.password": "open-sesame",
        "ssl.ca.location": str(keys.ca),
    }
    assert told.aiokafka["security_protocol"] == "SASL_SSL"
    assert told.aiokafka["sasl_mechanism"] == "PLAIN"
    assert told.aiokafka["sasl_plain_username"] == "ingest"
    assert told.aiokafka["sasl_plain_password"] == "open-sesame"


def test_a_broker_is_verified_by_authority_and_name(keys: Keys) -> None:
    settings = KafkaSettings(security_protocol=SecurityProtocol.SSL, ca_file=keys.ca)

    context = connection(settings).aiokafka["ssl_context"]

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


def test_a_certificate_of_the_client_goes_along(keys: Keys) -> None:
    settings = KafkaSettings(
        security_protocol=SecurityProtocol.SSL,
        ca_file=keys.ca,
        client_certificate_file=keys.certificate,
        client_key_file=keys.key,
    )

    told = connection(settings).librdkafka

    assert told["ssl.certificate.location"] == str(keys.certificate)
    assert told["ssl.key.location"] == str(keys.key)
    assert "sasl.username" not in told


def test_an_authority_that_is_no_pem_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate", "utf-8")
    settings = KafkaSettings(security_protocol=SecurityProtocol.SSL, ca_file=file)

    with pytest.raises(KafkaSettingsError, match=r"HOLDFAST_KAFKA_CA_FILE: .* no certificates"):
        connection(settings)


def test_a_key_that_belongs_to_another_certificate_is_refused_by_name(
    keys: Keys, tmp_path: Path
) -> None:
    another = tmp_path / "another"
    another.mkdir()
    settings = KafkaSettings(
        security_protocol=SecurityProtocol.SSL,
        ca_file=keys.ca,
        client_certificate_file=keys.certificate,
        client_key_file=Keys(another).key,
    )

    with pytest.raises(KafkaSettingsError, match="HOLDFAST_KAFKA_CLIENT_KEY_FILE are no"):
        connection(settings)
