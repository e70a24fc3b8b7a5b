"""Where the door is. Environment variables with the prefix ``HOLDFAST_INTAKE_``."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IntakeSettings(BaseSettings):
    """How ``crm.intake`` is taken to the door."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_INTAKE_", frozen=True, extra="ignore")

    door: str = Field(
        default="http://127.0.0.1:8750",
        pattern=r"^https?://[^\s/]+$",
        description="Where ingest takes events, `http://HOST:PORT`.",
    )
    accept_loss: bool = Field(
        default=False,
        description="Go on behind events that expired before they were read, instead of refusing to start.",
    )
