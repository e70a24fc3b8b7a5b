"""Kafka mode for real: brokers, Redis and PostgreSQL, below a prefix of the test's own, and processes on them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
from redis import Redis

from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.state import CustomerState
from events.catalogue import REGISTRY
from events.values import CustomerId
from infra.kafka.__main__ import variables
from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker import Broker
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from infra.postgres.settings import PostgresSettings
from infra.state.port import Position
from infra.state.redis_keys import StateKeys
from schemas.topic_files import read_topics
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port
from tests.support.world import StoppedClock

HOLDFAST = Path(sys.executable).parent / "holdfast"
SECONDS = 300.0


class RunningRole(msgspec.Struct):
    """A process of one role, where it tells its health, and where its own log stands."""

    name: str
    process: "subprocess.Popen[bytes]"
    health: str
    log: Path

    def said(self) -> str:
        """All that it logged."""
        return self.log.read_text("utf-8")

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            return httpx.get(f"{self.health}/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def why_not(self) -> str:
        """Why it is not ready, as it says itself; nothing while it does not answer."""
        try:
            parts = httpx.get(f"{self.health}/health/ready").json()["parts"]
        except httpx.HTTPError:
            return ""
        return "; ".join(part["reason"] for part in parts)

    def parts(self) -> dict[str, str]:
        """Each part and how it does."""
        answer = httpx.get(f"{self.health}/health/ready").json()
        return {part["part"]: part["condition"] for part in answer["parts"]}

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it as an orchestrator does; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(40)


class Cluster:
    """One log's servers, and the processes that were started on them."""

    def __init__(
        self,
        broker: Broker,
        redis: RedisServer,
        postgres: PostgresServer,
        prefix: str,
        folder: Path,
        partitions: int | None = None,
    ) -> None:
        self.prefix = prefix
        self.partitions = partitions
        self.folder = folder
        self._broker = broker
        self.redis = redis
        self._postgres = postgres
        self._running: list[RunningRole] = []

    def settings(self, user: str = "admin") -> KafkaSettings:
        settings = self._broker.settings(user)
        partitions = self.partitions or settings.partitions
        changed = {"topic_prefix": self.prefix, "partitions": partitions}
        return settings.model_copy(update=changed)

    @property
    def postgres(self) -> PostgresSettings:
        return self._postgres.settings("p" + self.prefix.strip(".").replace("-", "_"))

    def environment(self, user: str) -> dict[str, str]:
        postgres = self.postgres
        return {
            **{name: value for name, value in os.environ.items() if "HOLDFAST_" not in name},
            **variables(self.settings(user)),
            "HOLDFAST_KAFKA_PARTITIONS": str(self.settings().partitions),
            "HOLDFAST_REDIS_URL": self.redis.settings.url,
            "HOLDFAST_POSTGRES_URL": postgres.url,
            "HOLDFAST_POSTGRES_USER": str(postgres.user),
            "HOLDFAST_POSTGRES_DB_SCHEMA": postgres.db_schema,
            "HOLDFAST_MODE": "kafka",
            "PYTHONWARNINGS": "default",
        }

    def apply_topics(self) -> None:
        TopicsAsCode(read_topics(), self.settings()).apply()

    def delete_topics(self) -> None:
        names = [TopicNames(self.prefix).of(topic.name) for topic in read_topics()]
        client = AdminConnection(self.settings()).client
        for gone in client.delete_topics(names).values():
            gone.result()

    def start(self, role: str, *arguments: str, **changed: str) -> RunningRole:
        """Start a process of a role, signed in as it, with some settings changed."""
        port = free_port()
        log = self.folder / f"{role}-{len(self._running)}.log"
        user = "ingest" if role == "intake" else role
        given = {**self.environment(user), "HOLDFAST_HEALTH_PORT": str(port), **changed}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(HOLDFAST), role, *arguments], env=given, stdout=out, stderr=out
            )
        running = RunningRole(role, process, f"http://127.0.0.1:{port}", log)
        self._running.append(running)
        return running

    def run(
        self, *arguments: str | Path, user: str = "ingest"
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            [str(HOLDFAST), *map(str, arguments)],
            env=self.environment(user),
            capture_output=True,
            text=True,
            check=False,
        )

    def stop_all(self) -> None:
        for running in self._running:
            if running.process.poll() is None:
                running.signal(signal.SIGCONT)
                running.process.kill()
                running.process.wait()

    async def open_log(self) -> KafkaLog:
        """The log, to read."""
        return await KafkaLog.open(self.settings(), StoppedClock())

    async def until_folded(self) -> None:
        """Wait until every partition is folded to its end; fail where none moves for a while."""
        log = await self.open_log()
        try:
            ends = [await log.end_offset(number) for number in range(log.partitions)]
            before, moved = self.positions(log), time.monotonic()
            while (found := self.positions(log)) != ends:
                moved = time.monotonic() if found != before else moved
                assert time.monotonic() < moved + SECONDS, (found, ends)
                before = found
                self.check_alive()
                await log.wait_for_more()
        finally:
            await log.close()

    def forget(self, running: RunningRole) -> None:
        """Miss a process no more: it was ended on purpose."""
        self._running.remove(running)

    def check_alive(self) -> None:
        """Fail with what a process said, where one has ended."""
        for running in self._running:
            code = running.process.poll()
            assert code is None, f"{running.name} ended with {code}:\n{running.said()[-3000:]}"

    def positions(self, log: KafkaLog) -> list[int]:
        """The offset up to which each partition is folded."""
        with Redis(port=self.redis.port) as client:
            found = [client.get(keys.position) for keys in _keys(log)]
        return [
            -1 if data is None else msgspec.msgpack.decode(data, type=Position).offset
            for data in found
        ]

    async def digest(self) -> str:
        """The digest of all states and signals, as `holdfast verify` works it out."""
        log = await self.open_log()
        try:
            said = await self._signals(log)
            digest = FoldDigest()
            for customer_id, state in sorted(self._states(log).items()):
                digest.add(customer_id, state, said.get(customer_id, ()))
            return digest.hexdigest()
        finally:
            await log.close()

    def _states(self, log: KafkaLog) -> dict[CustomerId, CustomerState]:
        with Redis(port=self.redis.port) as client:
            return {
                CustomerId(name.decode()): states.decode(data)
                for keys in _keys(log)
                for name, data in client.hgetall(keys.states).items()
            }

    async def _signals(self, log: KafkaLog) -> dict[CustomerId, list[msgspec.Struct]]:
        projection = head_of(log).projection()
        assert projection is not None
        said: dict[CustomerId, list[msgspec.Struct]] = {}
        for partition in range(log.partitions):
            after = -1
            while found := await log.read_outputs(
                "crm.signals", projection, partition, after, 5_000
            ):
                after = found[-1].sequence
                for record in found:
                    if record.customer_id is not None:
                        event = REGISTRY.decode(record.type, record.data)
                        said.setdefault(record.customer_id, []).append(event)
        return said


def _keys(log: KafkaLog) -> list[StateKeys]:
    head = head_of(log)
    projection = head.projection()
    assert projection is not None
    return [StateKeys(head.identity.log_id, projection, n) for n in range(log.partitions)]


@contextmanager
def cluster_on(
    broker: Broker,
    redis: RedisServer,
    postgres: PostgresServer,
    prefix: str,
    folder: Path,
    partitions: int | None = None,
) -> Iterator[Cluster]:
    """Topics and rights as the files say, below a prefix; all is gone in the end."""
    cluster = Cluster(broker, redis, postgres, prefix, folder, partitions)
    cluster.apply_topics()
    try:
        yield cluster
    finally:
        cluster.stop_all()
        cluster.delete_topics()


def until(holds: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.25)  # each look costs a client of its own
