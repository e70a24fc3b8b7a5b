"""A settings file stands in for the environment, where that does not name a setting itself."""

import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from infra.mendable import MendableError

FILE = "HOLDFAST_SETTINGS_FILE"
PREFIX = "HOLDFAST_"


class SettingsFileError(MendableError):
    """The settings file cannot be read, or names what is no setting of ours."""


def load_settings_file() -> None:
    """Take the lines ``NAME=value`` of the file that ``HOLDFAST_SETTINGS_FILE`` names.

    Raises `SettingsFileError`.
    """
    path = os.environ.get(FILE)
    if not path:
        return
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFileError(f"{FILE}: {path} cannot be read: {error}") from error
    for name, value in dotenv_values(stream=StringIO(text)).items():
        if not name.startswith(PREFIX) or value is None:
            raise SettingsFileError(f"{path}: {name!r} is no line {PREFIX}NAME=value")
        os.environ.setdefault(name, value)
