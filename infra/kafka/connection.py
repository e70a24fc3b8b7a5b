"""Settings as the arguments of the two client libraries, so that all clients sign in alike."""

import ssl
from typing import TypedDict

import msgspec

from infra.kafka.settings import PREFIX, KafkaSettings, KafkaSettingsError


class AiokafkaArguments(TypedDict):
    """What ``AIOKafkaProducer``, ``AIOKafkaConsumer`` and the like are constructed with."""

    bootstrap_servers: str
    security_protocol: str
    ssl_context: ssl.SSLContext | None
    sasl_mechanism: str
    sasl_plain_username: str | None
    sasl_plain_password: str | None


class Connection(msgspec.Struct, frozen=True):
    """One way to the brokers, said twice: for aiokafka, and for librdkafka by its own names."""

    aiokafka: AiokafkaArguments
    librdkafka: dict[str, str]


def connection(settings: KafkaSettings) -> Connection:
    """Return the arguments for every client. Raises `KafkaSettingsError` for what is no PEM file."""
    context = _ssl_context(settings) if settings.security_protocol.encrypts else None
    signs_in = settings.security_protocol.signs_in
    aiokafka = AiokafkaArguments(
        bootstrap_servers=settings.bootstrap_servers,
        security_protocol=settings.security_protocol.value,
        ssl_context=context,
        sasl_mechanism=settings.sasl_mechanism.value,
        sasl_plain_username=settings.sasl_user if signs_in else None,
        sasl_plain_password=settings.password if signs_in else None,
    )
    return Connection(aiokafka, _librdkafka(settings))


def _librdkafka(settings: KafkaSettings) -> dict[str, str]:
    arguments = {
        "bootstrap.servers": settings.bootstrap_servers,
        "security.protocol": settings.security_protocol.value,
    }
    if settings.security_protocol.signs_in:
        arguments |= {
            "sasl.mechanism": settings.sasl_mechanism.value,
            "sasl.username": settings.sasl_user or "",
            "sasl.password": settings.password,
        }
    if settings.security_protocol.encrypts:
        files = {
            "ssl.ca.location": settings.ca_file,
            "ssl.certificate.location": settings.client_certificate_file,
            "ssl.key.location": settings.client_key_file,
        }
        arguments |= {name: str(path) for name, path in files.items() if path is not None}
    return arguments


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except ssl.SSLError as error:
        raise KafkaSettingsError(
            f"{PREFIX}CA_FILE: {settings.ca_file} holds no certificates in PEM ({error.reason})"
        ) from error
    if settings.client_certificate_file is not None:
        try:
            context.load_cert_chain(settings.client_certificate_file, settings.client_key_file)
        except ssl.SSLError as error:
            raise KafkaSettingsError(
                f"{PREFIX}CLIENT_CERTIFICATE_FILE and {PREFIX}CLIENT_KEY_FILE "
                f"are no certificate and its key in PEM ({error.reason})"
            ) from error
    return context
