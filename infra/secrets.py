"""Settings of stores: a password that is given or kept in a file, and errors that never show one."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings


class SignedInSettings(BaseSettings):
    """Settings of a store that may ask for a password, and of whom to trust by TLS."""

    password: SecretStr | None = Field(
        default=None, description="The password. Better kept in a file, see the next line."
    )
    password_file: Path | None = Field(
        default=None, description="A file that holds the password; a line end after it is left out."
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities that the server is trusted by; unset, the system's.",
    )

    @field_validator("password_file", "ca_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                value.read_bytes()
            except OSError as error:
                raise ValueError(f"{value} cannot be read: {error.strerror}") from error
        return value

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("set one of PASSWORD and PASSWORD_FILE; both given")
        return self

    @property
    def secret(self) -> str | None:
        """The password in the clear, read anew from its file; None where nobody signs in."""
        if self.password_file is not None:
            return self.password_file.read_text("utf-8").rstrip("\r\n")
        return self.password.get_secret_value() if self.password else None


def words_of(error: ValidationError, prefix: str) -> str:
    """Return what is wrong, setting by setting; what was given is not repeated: it may be secret."""
    return "; ".join(
        ": ".join(
            [
                f"{prefix}{'.'.join(map(str, wrong['loc'])).upper()}"
                if wrong["loc"]
                else f"{prefix}*",
                wrong["msg"].removeprefix("Value error, "),
            ]
        )
        for wrong in error.errors(include_input=False)
    )
