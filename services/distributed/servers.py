"""What every process of Kafka mode has: its servers, and what it shows of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Self

import msgspec
from prometheus_client import CollectorRegistry

from infra.health.board import HealthBoard
from infra.health.server import serving_health
from infra.health.settings import HealthSettings
from infra.kafka import settings as kafka_settings
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetching import LogUnreadableError
from infra.log.port import LogUnavailableError
from infra.postgres.connection import PostgresUnavailableError
from infra.redis import settings as redis_settings
from infra.redis.connection import RedisUnavailableError
from infra.redis.settings import RedisSettings

PASSING = (
    LogUnavailableError,
    LogUnreadableError,
    RedisUnavailableError,
    PostgresUnavailableError,
)
"""What passes by itself once a server is up again."""


class Servers(msgspec.Struct, frozen=True):
    """How the log and the states of Kafka mode are reached."""

    kafka: KafkaSettings
    redis: RedisSettings

    @classmethod
    def of_environment(cls) -> Self:
        """Return what the environment says. Raises a `MendableError` where that cannot work."""
        return cls(kafka_settings.read_settings(), redis_settings.read_settings())


class Health(NamedTuple):
    """What a process shows of itself."""

    board: HealthBoard
    registry: CollectorRegistry


@contextmanager
def health() -> Iterator[Health]:
    """Tell whoever asks how this process does, until left. Raises `HealthPortError`."""
    settings, shown = HealthSettings(), Health(HealthBoard(), CollectorRegistry())
    with serving_health(settings.host, settings.port, shown.board, shown.registry):
        yield shown
