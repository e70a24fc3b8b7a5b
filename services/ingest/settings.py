"""Settings of the door and of a new log. Environment variables with the prefix ``HOLDFAST_``."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_NAMESPACE = "7d1b0f5e-6f0c-5c53-9d0a-0a3c1f7f3a51"
"""The namespace of customer ids unless another is configured; equal everywhere, so ids compare."""


class IngestSettings(BaseSettings):
    """What a new log is made with, and where the door listens."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_", frozen=True, extra="ignore")

    business_timezone: str = Field(
        default="UTC", description="Time zone of the business day. Fixed when the log is made."
    )
    currency: str = Field(
        default="EUR",
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217 code of the one currency of the log. Fixed when the log is made.",
    )
    namespace: str = Field(
        default=DEFAULT_NAMESPACE,
        description="UUID in which customer ids are derived. Fixed when the log is made.",
    )
    claim_days: int = Field(
        default=7,
        ge=1,
        le=3650,
        description="Kafka mode: for how many days a second copy of a fact is told as one.",
    )
    host: str = Field(default="127.0.0.1", description="Address on which the door listens.")
    port: int = Field(
        default=8750, ge=0, le=65535, description="Port of the door; 0 takes any free one."
    )

    @field_validator("business_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone of the tz database") from error
        return value
