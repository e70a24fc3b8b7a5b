"""How a process reaches PostgreSQL. Environment variables with the prefix ``HOLDFAST_POSTGRES_``."""

from psycopg.conninfo import make_conninfo
from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict

from infra.mendable import MendableError
from infra.secrets import SignedInSettings, words_of

PREFIX = "HOLDFAST_POSTGRES_"
SECONDS_TO_CONNECT = 5


class PostgresSettingsError(MendableError, ValueError):
    """Settings that cannot work; the message names each, and never shows a password."""


class PostgresSettings(SignedInSettings):
    """The database that keeps the archive and what was learned."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    url: str = Field(
        default="postgresql://127.0.0.1:5432/holdfast",
        pattern=r"^postgres(ql)?://[^\s@]+$",
        description="`postgresql://HOST:PORT/DATABASE`. No user and no password in here.",
    )
    user: str | None = Field(default=None, description="Who signs in.")
    db_schema: str = Field(
        default="holdfast",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="The schema of the tables, made where it is missing. One schema keeps one log.",
    )

    @property
    def conninfo(self) -> str:
        """What libpq connects by, with the password in it: not to be shown."""
        trusted = {"sslmode": "verify-full", "sslrootcert": str(self.ca_file)}
        return make_conninfo(
            self.url,
            connect_timeout=SECONDS_TO_CONNECT,
            application_name="holdfast",
            options=f"-c search_path={self.db_schema}",
            **({"user": self.user} if self.user else {}),
            **({"password": self.secret} if self.secret else {}),
            **(trusted if self.ca_file else {}),
        )


def read_settings() -> PostgresSettings:
    """Return the settings of the environment. Raises `PostgresSettingsError`."""
    try:
        return PostgresSettings()
    except ValidationError as error:
        raise PostgresSettingsError(words_of(error, PREFIX)) from None
