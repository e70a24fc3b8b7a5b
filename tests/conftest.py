"""What every test may ask for: the real data sets, and one way to run Hypothesis."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from infra.kafka.broker import Broker
from tests.support.kafka_broker import broker_in
from tests.support.kafka_keys import Authority
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.redis_server import RedisServer, redis_in

SERVERS = ("HOLDFAST_KAFKA_", "HOLDFAST_REDIS_", "HOLDFAST_POSTGRES_")

for name in [name for name in os.environ if name.startswith(SERVERS)]:
    del os.environ[name]  # whatever servers this shell is set to are not those of the tests

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real data sets that ``HOLDFAST_DATASETS`` names; continuous integration demands it."""
    folder = os.environ.get("HOLDFAST_DATASETS")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = (
        f"HOLDFAST_DATASETS names {folder!r}, which is no folder"
        if folder
        else "HOLDFAST_DATASETS is unset: real data is not at hand"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests; who kills a server starts one of its own."""
    server = redis_in(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests; each takes a schema of its own."""
    server = postgres_in(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def bare_broker(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Broker]:
    """One broker for all tests, as it comes up: no right, and no topic that has no prefix."""
    broker = broker_in(tmp_path_factory.mktemp("kafka"))
    try:
        broker.prepare(authority.broker())
        broker.start()
        yield broker
    finally:
        broker.stop()
