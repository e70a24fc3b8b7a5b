"""Settings of the desk. Environment variables with the prefix ``HOLDFAST_``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AlertsSettings(BaseSettings):
    """How `holdfast alerts` works, beside what it decides by. Prefix ``HOLDFAST_ALERTS_``."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_ALERTS_", frozen=True, extra="ignore")

    door: str = Field(
        default="http://127.0.0.1:8750",
        pattern=r"^https?://[^\s/]+$",
        description="Where ingest takes outcomes of tasks, `http://HOST:PORT`.",
    )
    accept_loss: bool = Field(
        default=False,
        description="Go on behind signals that expired before they were decided on, instead of standing"
        " still.",
    )


class DeskSettings(BaseSettings):
    """Which signals become tasks, and who there is to work on them."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_", frozen=True, extra="ignore")

    task_policy: Path | None = Field(
        default=None,
        description="YAML file of the task policy; unset, the one that was last given, at first that of"
        " the release.",
    )
    managers: Path | None = Field(
        default=None,
        description="YAML file of the managers; unset, they stay as they are; while there are none,"
        " tasks wait in the queue.",
    )
