"""Settings of the desk. Environment variables with the prefix ``HOLDFAST_``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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
