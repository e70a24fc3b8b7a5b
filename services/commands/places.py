"""Which log a command looks at: the one in a folder, or the one on the servers of Kafka mode."""

from pathlib import Path

import typer

from infra.folder import DataFolder
from infra.kafka import settings as kafka_settings
from infra.postgres import settings as postgres_settings
from infra.redis import settings as redis_settings
from services.mode import Mode, needed_folder
from services.ops.place import Cluster, Place


def place_of(context: typer.Context, mode: Mode, data: Path | None) -> Place:
    """Return where a command opens its reading.

    Raises ``typer.BadParameter`` without a folder in embedded mode, and in Kafka mode what the
    settings raise that cannot work.
    """
    if mode is Mode.EMBEDDED:
        return DataFolder(needed_folder(context, data))
    return cluster_of_environment()


def cluster_of_environment() -> Cluster:
    """Return the servers of Kafka mode. Raises what their settings raise that cannot work."""
    return Cluster(
        kafka_settings.read_settings(),
        redis_settings.read_settings(),
        postgres_settings.read_settings(),
    )
