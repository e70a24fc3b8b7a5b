"""How a process reaches Redis. Environment variables with the prefix ``HOLDFAST_REDIS_``."""

from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict

from infra.mendable import MendableError
from infra.secrets import SignedInSettings, words_of

PREFIX = "HOLDFAST_REDIS_"


class RedisSettingsError(MendableError, ValueError):
    """Settings that cannot work; the message names each, and never shows a password."""


class RedisSettings(SignedInSettings):
    """The server that keeps states, claims and leases."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    url: str = Field(
        default="redis://127.0.0.1:6379/0",
        pattern=r"^rediss?://[^\s@]+$",
        description="`redis://HOST:PORT/DATABASE`; `rediss://` speaks TLS. No password in here.",
    )
    user: str | None = Field(default=None, description="Who signs in; unset, Redis' default user.")


def read_settings() -> RedisSettings:
    """Return the settings of the environment. Raises `RedisSettingsError`."""
    try:
        return RedisSettings()
    except ValidationError as error:
        raise RedisSettingsError(words_of(error, PREFIX)) from None
