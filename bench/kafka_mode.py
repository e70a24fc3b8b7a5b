"""Kafka mode for a benchmark: a broker and a Redis of this run alone, and services as processes."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import msgspec
from redis import Redis

from bench.processes import Running, free_port, holdfast, running
from infra.kafka.__main__ import variables
from infra.kafka.broker import Broker
from infra.kafka.jars import find_tool
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from infra.mendable import MendableError
from infra.postgres.settings import PostgresSettings
from infra.redis.settings import RedisSettings
from schemas.topic_files import read_topics

REDIS = ("--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "")
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


def what_is_missing() -> str | None:
    """Return what keeps such servers from being started here; None where nothing does."""
    try:
        for tool in ("java", "mvn"):
            find_tool(tool)
    except MendableError as error:
        return str(error)
    return None if shutil.which("redis-server") else "redis-server is not installed"


class Role(msgspec.Struct, frozen=True):
    """A service that was started, and the port where it tells its health."""

    running: Running
    health_port: int

    def wait_for_figures(self, start: str, number: int = 1) -> None:
        """Return once it shows so many lines at ``/metrics`` that start like this."""
        for _ in self.running.looks():
            with contextlib.suppress(OSError):
                with urlopen(f"http://127.0.0.1:{self.health_port}/metrics") as answer:
                    shown = answer.read().decode().splitlines()
                if sum(line.startswith(start) for line in shown) >= number:
                    return

    def wait_until_ready(self) -> None:
        """Return once it says that it is."""
        for _ in self.running.looks():
            with contextlib.suppress(OSError):
                urlopen(f"http://127.0.0.1:{self.health_port}/health/ready").close()
                return


@contextlib.contextmanager
def writing_door(mode: "KafkaMode") -> Iterator[int]:
    """Run ``holdfast ingest`` until left; give its port once it writes the log."""
    port = free_port()
    with mode.role("ingest", "--port", str(port)) as ingest:
        ingest.wait_for_figures("holdfast_writer_active 1")
        yield port


class KafkaMode(msgspec.Struct, frozen=True):
    """The servers of one run; topics and rights are as the files say."""

    broker: Broker
    redis: RedisSettings
    folder: Path
    postgres: PostgresSettings | None = None

    def settings(self, user: str = "admin") -> KafkaSettings:
        """Return how somebody reaches the broker."""
        return self.broker.settings(user)

    def environment(self, user: str) -> dict[str, str]:
        """Return how a process of somebody is set to these servers."""
        found = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **variables(self.settings(user)),
            "HOLDFAST_REDIS_URL": self.redis.url,
        }
        if self.postgres is not None:
            found |= {
                "HOLDFAST_POSTGRES_URL": self.postgres.url,
                "HOLDFAST_POSTGRES_USER": str(self.postgres.user),
            }
        return found

    @contextlib.contextmanager
    def role(self, name: str, *arguments: str, **given: str) -> Iterator["Role"]:
        """Run one service, signed in as itself, until left; ``given`` are further settings."""
        port = free_port()
        environment = {**self.environment(name), "HOLDFAST_HEALTH_PORT": str(port), **given}
        log = self.folder / f"{name}-{port}.log"
        with running(holdfast(name, *arguments), log, environment) as process:
            yield Role(process, port)


@contextlib.contextmanager
def kafka_mode() -> Iterator[KafkaMode]:
    """Start a broker and a Redis in a folder of their own; all is gone in the end."""
    with contextlib.ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-bench-")))
        redis = opened.enter_context(_redis(folder))
        broker = Broker(folder / "kafka")
        opened.callback(broker.stop)
        broker.prepare()
        broker.start()
        mode = KafkaMode(broker, redis, folder)
        TopicsAsCode(read_topics(), mode.settings()).apply()
        yield mode


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[RedisSettings]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with running([*command, *REDIS], folder / "redis.log") as process:
        process.wait_for_port(port)
        with Redis(port=port) as client:
            client.ping()
        yield RedisSettings(url=f"redis://127.0.0.1:{port}/0")
