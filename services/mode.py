"""Where Holdfast keeps its log and states: in a folder of this machine, or on Kafka, Redis and PostgreSQL."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Mode(StrEnum):
    """How Holdfast runs."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


ModeOption = Annotated[
    Mode,
    typer.Option(
        "--mode",
        envvar="HOLDFAST_MODE",
        show_envvar=True,
        help="embedded: in the data folder; kafka: on the servers of HOLDFAST_KAFKA_* and the like.",
    ),
]

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="HOLDFAST_DATA",
        show_envvar=True,
        help="Data folder; needed in embedded mode only.",
    ),
]


def needed_folder(context: typer.Context, data: Path | None) -> Path:
    """Return the data folder of a command in embedded mode. Raises ``typer.BadParameter``."""
    if data is None:
        raise typer.BadParameter("name the data folder by --data, or HOLDFAST_DATA", ctx=context)
    return data
