"""The topics applied to the one broker of all tests, and the `holdfast` command beside it."""

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest

from infra.kafka.__main__ import variables
from infra.kafka.broker import Broker
from infra.kafka.settings import PREFIX, KafkaSettings
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from services import cli
from tests.support.cluster import Cluster, cluster_on
from tests.support.kafka_broker import broker_in
from tests.support.kafka_keys import Authority
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer


class Ended(msgspec.Struct, frozen=True):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


_numbers = count(1)

Holdfast = Callable[..., Ended]


@pytest.fixture(scope="session")
def odd_broker(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Broker]:
    """A broker without an authorizer, where clients must show a certificate."""
    broker = broker_in(tmp_path_factory.mktemp("odd-kafka"))
    try:
        broker.prepare(msgspec.structs.replace(authority.broker(), clients_must=True))
        guarding = ("authorizer.", "super.users", "allow.everyone")
        lines = broker.folder.configuration.read_text("utf-8").splitlines()
        unguarded = "\n".join(line for line in lines if not line.startswith(guarding))
        broker.folder.configuration.write_text(unguarded, "utf-8")
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def admin(bare_broker: Broker) -> KafkaSettings:
    return bare_broker.settings("admin")


@pytest.fixture
def broker(bare_broker: Broker, admin: KafkaSettings) -> Broker:
    """The broker with topics and rights as the files say."""
    TopicsAsCode(read_topics(), admin).apply()
    return bare_broker


@pytest.fixture
def lost_and_empty(
    bare_broker: Broker, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[tuple[Cluster, Cluster]]:
    """Two clusters of three partitions, one to lose and one to restore into."""
    servers, number = (bare_broker, redis_server, postgres_server), next(_numbers)
    with (
        cluster_on(*servers, f"lost-{number}.", tmp_path, 3) as lost,
        cluster_on(*servers, f"empty-{number}.", tmp_path, 3) as empty,
    ):
        yield lost, empty


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Holdfast:
    """Runs a command with the settings of somebody, or with some changed."""
    monkeypatch.setenv("COLUMNS", "500")

    def run(settings: KafkaSettings, *arguments: str, **changed: str | Path) -> Ended:
        for name, value in variables(settings).items():
            monkeypatch.setenv(name, value)
        for name, value in changed.items():
            monkeypatch.setenv(PREFIX + name, str(value))
        monkeypatch.setattr(sys, "argv", ["holdfast", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run
