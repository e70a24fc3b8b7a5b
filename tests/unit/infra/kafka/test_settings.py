"""Settings of Kafka: what cannot work is refused by name, no password is shown, all is documented."""

from pathlib import Path

import pytest

from infra.kafka.settings import (
    KafkaSettings,
    KafkaSettingsError,
    SaslMechanism,
    SecurityProtocol,
    read_settings,
)

SIGNED_IN = {"SASL_USER": "ingest", "SASL_PASSWORD": "open-sesame"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KafkaSettings.model_fields:
        monkeypatch.delenv(f"HOLDFAST_KAFKA_{name.upper()}", raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **values: str | Path) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"HOLDFAST_KAFKA_{name}", str(value))


def refusal() -> str:
    with pytest.raises(KafkaSettingsError) as refused:
        read_settings()
    return str(refused.value)


def test_by_default_clients_sign_in_encrypted_and_two_of_three_copies_must_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, **SIGNED_IN)

    settings = read_settings()

    assert settings.security_protocol is SecurityProtocol.SASL_SSL
    assert settings.sasl_mechanism is SaslMechanism.SCRAM_SHA_512
    assert (settings.replication, settings.min_insync) == (3, 2)
    assert settings.ingest_principal == "User:ingest"


def test_a_password_is_read_from_its_file_without_the_line_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame \n", "utf-8")
    given(monkeypatch, SASL_USER="ingest", SASL_PASSWORD_FILE=file)

    assert read_settings().password == "open sesame "


def test_without_signing_in_there_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SECURITY_PROTOCOL="PLAINTEXT")

    assert read_settings().password == ""


def test_readers_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **SIGNED_IN, READERS="User:analyst, User:warehouse,")

    assert read_settings().readers == ("User:analyst", "User:warehouse")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"SASL_PASSWORD": "x"}, "HOLDFAST_KAFKA_*: SASL_USER is unset, and SASL_SSL signs in"),
        (
            {"SASL_USER": "ingest"},
            "HOLDFAST_KAFKA_*: set one of SASL_PASSWORD and SASL_PASSWORD_FILE; neither given",
        ),
        (
            {**SIGNED_IN, "REPLICATION": "1"},
            "HOLDFAST_KAFKA_*: MIN_INSYNC is above REPLICATION: nothing could ever be written",
        ),
        (
            {**SIGNED_IN, "CLIENT_KEY_FILE": __file__},
            "HOLDFAST_KAFKA_*: CLIENT_CERTIFICATE_FILE and CLIENT_KEY_FILE go together; set both",
        ),
        (
            {**SIGNED_IN, "CA_FILE": "/nowhere/ca.pem"},
            "HOLDFAST_KAFKA_CA_FILE: /nowhere/ca.pem cannot be read: No such file or directory",
        ),
    ],
)
def test_what_cannot_work_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
) -> None:
    given(monkeypatch, **values)

    assert refusal() == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOTSTRAP_SERVERS", "no-port"),
        ("BOOTSTRAP_SERVERS", "a:1, b:2"),
        ("SECURITY_PROTOCOL", "TLS"),
        ("SASL_MECHANISM", "GSSAPI"),
        ("REPLICATION", "0"),
        ("INGEST_PRINCIPAL", "ingest"),
        ("READERS", "User:a,b"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given(monkeypatch, **{**SIGNED_IN, name: value})

    assert refusal().startswith(f"HOLDFAST_KAFKA_{name}")


def test_a_password_is_given_in_one_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("another", "utf-8")
    given(monkeypatch, **SIGNED_IN, SASL_PASSWORD_FILE=file)

    assert refusal().endswith("both given")


def test_no_refusal_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SASL_PASSWORD="open-sesame", REPLICATION="none")

    assert "open-sesame" not in refusal()
    monkeypatch.setenv("HOLDFAST_KAFKA_REPLICATION", "1")
    assert "open-sesame" not in refusal()


def test_settings_that_are_printed_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **SIGNED_IN)

    assert "open-sesame" not in repr(read_settings())
