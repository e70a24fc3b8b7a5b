"""Settings of the console. Environment variables with the prefix ``HOLDFAST_CONSOLE_``."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConsoleSettings(BaseSettings):
    """Where the console listens: always on this machine alone, since there is no sign-in yet."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_CONSOLE_", frozen=True, extra="ignore")

    port: int = Field(
        default=8751,
        ge=0,
        le=65535,
        description="Port of the console, on 127.0.0.1 only; 0 takes any free one.",
    )

    def beside(self, door_port: int, wished: int | None) -> int:
        """Return the port to listen on: the one wished for, else any where the door takes any."""
        if wished is not None:
            return wished
        return self.port if door_port else 0
