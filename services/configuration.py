"""Every setting of every service, in one place: named, looked at, and tried out."""

import asyncio
import os
from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from infra.health.settings import HealthSettings
from infra.kafka.settings import KafkaSettings, read_settings
from infra.kafka.topics import TopicsAsCode
from infra.mendable import MendableError
from infra.postgres.connection import open_postgres
from infra.postgres.settings import PostgresSettings
from infra.postgres.settings import read_settings as read_postgres
from infra.redis.connection import open_redis
from infra.redis.settings import RedisSettings
from infra.redis.settings import read_settings as read_redis
from infra.secrets import words_of
from schemas.topic_files import read_topics
from services.alerts.settings import AlertsSettings, DeskSettings
from services.configuration_file import FILE, PREFIX
from services.console.settings import ConsoleSettings
from services.ingest.from_kafka.settings import IntakeSettings
from services.ingest.settings import IngestSettings
from services.logs import LogSettings

ALL: tuple[type[BaseSettings], ...] = (
    IngestSettings,
    ConsoleSettings,
    IntakeSettings,
    AlertsSettings,
    DeskSettings,
    HealthSettings,
    LogSettings,
    KafkaSettings,
    RedisSettings,
    PostgresSettings,
)
OF_COMMANDS = frozenset({"HOLDFAST_DATA", "HOLDFAST_MODE", "HOLDFAST_AS", FILE})
"""What the command line itself reads."""

SHOWN_NO_MORE = "***"


class Origin(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "default"
    GIVEN = "given"


class Setting(msgspec.Struct, frozen=True):
    """A setting as it stands; a secret's value is not shown."""

    name: str
    value: str
    origin: Origin


class Trial(msgspec.Struct, frozen=True):
    """What was tried with the settings, and what was wrong; None where nothing was."""

    what: str
    wrong: str | None


class Configuration(msgspec.Struct, frozen=True):
    """All settings, and how they did when they were tried."""

    settings: tuple[Setting, ...]
    trials: tuple[Trial, ...]

    @property
    def works(self) -> bool:
        """Whether nothing was wrong."""
        return all(trial.wrong is None for trial in self.trials)


def names_of_all() -> Iterator[tuple[str, type[BaseSettings]]]:
    """Iterate over the environment variables of all settings, with the class that reads each."""
    for settings in ALL:
        for field in settings.model_fields:
            yield f"{settings.model_config['env_prefix']}{field.upper()}", settings


def look(*, distributed: bool) -> Configuration:
    """Return all settings, and what came of reading and trying them.

    Only settings are tried that the mode uses: servers where it is ``distributed``.
    """
    used = ALL if distributed else (IngestSettings, DeskSettings)
    trials = [_names(), *(_read(settings) for settings in used)]
    if distributed:
        trials += [
            _tried("topics and rights on Kafka", _topics_as_needed),
            _tried("Redis", lambda: asyncio.run(_redis())),
            _tried("PostgreSQL", lambda: asyncio.run(_postgres())),
        ]
    return Configuration(tuple(map(_setting, names_of_all())), tuple(trials))


def _setting(named: tuple[str, type[BaseSettings]]) -> Setting:
    name, settings = named
    field = settings.model_fields[name.removeprefix(settings.model_config["env_prefix"]).lower()]
    given = os.environ.get(name)
    if given is not None:
        secret = "SecretStr" in str(field.annotation) or field.annotation is SecretStr
        return Setting(name, SHOWN_NO_MORE if secret else given, Origin.GIVEN)
    default = "" if field.default in {None, ()} else str(field.default)
    return Setting(name, default, Origin.DEFAULT)


def _names() -> Trial:
    """Look for what is spelt like a setting and is none: nobody would ever read it."""
    known = {name for name, _ in names_of_all()} | OF_COMMANDS
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    wrong = f"no such setting: {', '.join(unknown)}" if unknown else None
    return Trial(f"{PREFIX}*", wrong)


def _read(settings: type[BaseSettings]) -> Trial:
    prefix = settings.model_config["env_prefix"]
    try:
        settings()
    except ValidationError as error:
        return Trial(f"{prefix}*", words_of(error, prefix))
    return Trial(f"{prefix}*", None)


def _tried(what: str, attempt: Callable[[], str | None]) -> Trial:
    try:
        return Trial(what, attempt())
    except MendableError as error:
        return Trial(what, str(error))


def _topics_as_needed() -> str | None:
    steps = TopicsAsCode(read_topics(), read_settings()).plan()
    return f"{len(steps)} things differ: `holdfast topics check` names them" if steps else None


async def _redis() -> None:
    client = await open_redis(read_redis())
    await client.aclose()


async def _postgres() -> None:
    connection = await open_postgres(read_postgres())
    await connection.close()
