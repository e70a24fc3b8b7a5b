"""How a process reaches Kafka and as whom. Environment variables with the prefix ``HOLDFAST_KAFKA_``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.mendable import MendableError
from infra.secrets import words_of

PREFIX = "HOLDFAST_KAFKA_"


class SecurityProtocol(StrEnum):
    """Whether clients sign in, and whether what they say is encrypted."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def signs_in(self) -> bool:
        """Whether there is a user with a password."""
        return self in {SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL}

    @property
    def encrypts(self) -> bool:
        """Whether TLS is spoken."""
        return self in {SecurityProtocol.SSL, SecurityProtocol.SASL_SSL}


class SaslMechanism(StrEnum):
    """How a password is proven."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


Principal = Annotated[str, Field(pattern=r"^[A-Za-z]\w*:.+$")]


class KafkaSettingsError(MendableError, ValueError):
    """Settings that cannot work; the message names each, and never shows a password."""


class KafkaSettings(BaseSettings):
    """The brokers, who signs in, what topics are made with, and who holds which role."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$",
        description="Brokers to begin with, `HOST:PORT`, separated by commas.",
    )
    security_protocol: SecurityProtocol = Field(
        default=SecurityProtocol.SASL_SSL,
        description="`SASL_SSL`, `SASL_PLAINTEXT`, `SSL` or `PLAINTEXT`.",
    )
    sasl_mechanism: SaslMechanism = Field(
        default=SaslMechanism.SCRAM_SHA_512,
        description="`SCRAM-SHA-512`, `SCRAM-SHA-256` or `PLAIN`.",
    )
    sasl_user: str | None = Field(default=None, description="Who signs in.")
    sasl_password: SecretStr | None = Field(
        default=None, description="The password. Better kept in a file, see the next line."
    )
    sasl_password_file: Path | None = Field(
        default=None, description="A file that holds the password; a line end after it is left out."
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities that brokers are trusted by; unset, the system's.",
    )
    client_certificate_file: Path | None = Field(
        default=None,
        description="PEM file of this client's certificate, where brokers ask for one.",
    )
    client_key_file: Path | None = Field(default=None, description="PEM file of its private key.")
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,100}$",
        description="What the names of topics and of the writer's transactional id begin with, so that several logs live on one cluster.",
    )
    partitions: int = Field(
        default=64,
        ge=1,
        le=1024,
        description="Partitions of `crm.facts` and of what is derived from it: for ever, once it is made, and a bound on how many `profiles` share the work.",
    )
    replication: int = Field(
        default=3, ge=1, description="Copies of each topic. On a single node 1."
    )
    min_insync: int = Field(
        default=2,
        ge=1,
        description="Copies that must hold a record before it counts as written. On a single node 1.",
    )
    ingest_principal: Principal = Field(
        default="User:ingest", description="As whom ingest signs in, as the brokers name it."
    )
    profiles_principal: Principal = Field(
        default="User:profiles", description="As whom profiles signs in."
    )
    learning_principal: Principal = Field(
        default="User:learning", description="As whom learning signs in."
    )
    alerts_principal: Principal = Field(
        default="User:alerts", description="As whom alerts signs in."
    )
    archive_principal: Principal = Field(
        default="User:archive", description="As whom the archive signs in."
    )
    console_principal: Principal = Field(
        default="User:console", description="As whom the console signs in."
    )
    ops_principal: Principal = Field(
        default="User:ops", description="As whom those sign in who look after the log."
    )
    upstreams: Annotated[tuple[Principal, ...], NoDecode] = Field(
        default=(),
        description="Who may write to `crm.intake`: principals, separated by commas.",
    )
    readers: Annotated[tuple[Principal, ...], NoDecode] = Field(
        default=(),
        description="Others who may read every topic: principals, separated by commas.",
    )

    @field_validator("readers", "upstreams", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("sasl_password_file", "ca_file", "client_certificate_file", "client_key_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                value.read_bytes()
            except OSError as error:
                raise ValueError(f"{value} cannot be read: {error.strerror}") from error
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_insync > self.replication:
            raise ValueError("MIN_INSYNC is above REPLICATION: nothing could ever be written")
        if (self.client_certificate_file is None) != (self.client_key_file is None):
            raise ValueError("CLIENT_CERTIFICATE_FILE and CLIENT_KEY_FILE go together; set both")
        if self.security_protocol.signs_in and not self.sasl_user:
            raise ValueError(f"SASL_USER is unset, and {self.security_protocol} signs in")
        given = (self.sasl_password is not None) + (self.sasl_password_file is not None)
        if given > 1 or (given < 1 and self.security_protocol.signs_in):
            many = "both" if given else "neither"
            raise ValueError(f"set one of SASL_PASSWORD and SASL_PASSWORD_FILE; {many} given")
        return self

    @property
    def password(self) -> str:
        """The password in the clear, read anew from its file; empty where nobody signs in."""
        if self.sasl_password_file is not None:
            return self.sasl_password_file.read_text("utf-8").rstrip("\r\n")
        return self.sasl_password.get_secret_value() if self.sasl_password else ""


def read_settings() -> KafkaSettings:
    """Return the settings of the environment. Raises `KafkaSettingsError`."""
    try:
        return KafkaSettings()
    except ValidationError as error:
        raise KafkaSettingsError(words_of(error, PREFIX)) from None
