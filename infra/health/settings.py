"""Where a service tells how it does. Environment variables with the prefix ``HOLDFAST_HEALTH_``."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class HealthSettings(BaseSettings):
    """Address of ``/health/live``, ``/health/ready`` and ``/metrics``."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_HEALTH_", frozen=True, extra="ignore")

    host: str = Field(
        default="127.0.0.1",
        description="Address of health and metrics. There is no sign-in: keep it inside.",
    )
    port: int = Field(default=8760, ge=0, le=65535, description="Their port; 0 takes any free one.")
