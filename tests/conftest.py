"""What every test may ask for: the real data sets, and one way to run Hypothesis."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from infra.kafka.broker import Broker
from tests.support import kafka_count
from tests.support.kafka_broker import broker_in
from tests.support.kafka_keys import Authority
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.redis_server import RedisServer, redis_in

MEMORY, ROOM = Path("/dev/shm"), 4 << 30
SERVERS = ("HOLDFAST_KAFKA_", "HOLDFAST_REDIS_", "HOLDFAST_POSTGRES_")


def has_room(folder: Path) -> bool:
    """Whether a folder takes what a run of all tests stores at most."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


for name in [name for name in os.environ if name.startswith(SERVERS)]:
    del os.environ[name]  # whatever servers this shell is set to are not those of the tests

if "TMPDIR" not in os.environ and has_room(MEMORY):
    # what tests store is flushed thousands of times, which takes a disk most of the time of a run
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kafka_count.mark(item)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and kafka_count.are_missing(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    kafka_count.tell(terminalreporter)


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
