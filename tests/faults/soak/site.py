"""All of Holdfast on servers of its own, kept alive as an orchestrator keeps it.

A process that ended is started again, one that says that it does not live is killed; nothing else is
done for it. Days pass when they are told to.
"""

import datetime
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import msgspec

from infra.clock import SystemClock
from infra.kafka.broker import Broker
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from infra.postgres.settings import PostgresSettings
from schemas.topic_files import read_topics
from tests.faults.soak.balancer import Balancer
from tests.faults.soak.desk_files import desk_files_in
from tests.faults.soak.launched import MICROSECONDS, Launch, launch
from tests.faults.soak.moments import Moment
from tests.support.cluster import HOLDFAST, Cluster
from tests.support.kafka_broker import broker_in
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.redis_server import RedisServer, redis_in
from tests.support.servers import free_port

PARTITIONS = 8
DAYS_AGO = 400
"""The clock begins so far in the past: what is appended now is never too old for it."""

SECONDS_A_DAY = 86_400
SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BETWEEN_PROBES = 3.0
SECONDS_BEFORE_A_START = 0.5
ROLES = (*2 * ("ingest", "profiles", "alerts"), "intake", "learning", "archive", "console")
IN_TIME = ("ingest", "alerts", "console")
"""Roles whose clock is the site's: one must not be behind what the other stamps."""


class Member(msgspec.Struct):
    """One process that is wanted, whichever incarnation of it runs now."""

    name: str
    role: str
    arguments: tuple[str, ...]
    door: int
    health: str
    environment: dict[str, str]
    process: BaseProcess | None = None
    wanted: bool = True
    frozen: bool = False
    other_fold: bool = False
    starts: int = 0
    ended_at: float = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, where it still is there."""
        if self.process is not None and self.process.pid is not None and self.alive:
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it as `kill -9` does, and see it gone."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.join()


class Site:
    """The servers, and the processes on them."""

    def __init__(
        self, folder: Path, broker: Broker, redis: RedisServer, postgres: PostgresServer
    ) -> None:
        self.brisk = False
        self.folder = folder
        self.broker = broker
        self.redis = redis
        self.postgres = postgres
        self.members: dict[str, Member] = {}
        self._cluster = Cluster(broker, redis, postgres, "", folder)
        self._clock = folder / "clock"
        self._ahead = -DAYS_AGO * SECONDS_A_DAY
        self._asking = httpx.Client(timeout=2)
        self._ending = threading.Event()
        self._keeping = threading.Thread(target=self._keep, name="orchestrator", daemon=True)
        self._balancer = Balancer(self.ready_door)
        self._tell_clock(self._ahead)
        self._desk_files = desk_files_in(folder)

    def settings(self, user: str = "admin") -> KafkaSettings:
        return self._cluster.settings(user).model_copy(update={"partitions": PARTITIONS})

    def postgres_settings(self) -> PostgresSettings:
        return self.postgres.settings("p")

    def environment(self, user: str) -> dict[str, str]:
        given = self._cluster.environment(user).items()
        return {
            **{name: value for name, value in given if name.startswith("HOLDFAST_")},
            "HOLDFAST_INTAKE_DOOR": self._balancer.url,
            "HOLDFAST_ALERTS_DOOR": self._balancer.url,
            **self._desk_files,
            "HOLDFAST_KAFKA_PARTITIONS": str(PARTITIONS),
        }

    def run(self, *arguments: str, user: str = "ops") -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        given = {**os.environ, **self.environment(user)}
        command = [str(HOLDFAST), *arguments]
        return subprocess.run(command, env=given, capture_output=True, text=True, check=False)

    @property
    def now(self) -> int:
        """What ingest takes for now, in microseconds."""
        return SystemClock().now() + self._ahead * MICROSECONDS

    def next_day(self, days: int = 1) -> None:
        """Let days pass."""
        ahead = self._ahead + days * SECONDS_A_DAY
        self._tell_clock(ahead)
        self._ahead = ahead  # no sender is ahead of the door

    def add(self, role: str) -> Member:
        """Want one more process of a role."""
        number = sum(member.role == role for member in self.members.values()) + 1
        door, health = free_port(), free_port()
        member = Member(
            f"{role}-{number}",
            role,
            (role, "--port", str(door)) if role in {"ingest", "console"} else (role,),
            door,
            f"http://127.0.0.1:{health}/health/",
            {
                **self.environment("ingest" if role == "intake" else role),
                "HOLDFAST_HEALTH_PORT": str(health),
            },
        )
        self.members = {**self.members, member.name: member}
        return member

    def remove(self, member: Member) -> None:
        """Want a process no more, which has ended."""
        self.members = {name: other for name, other in self.members.items() if other is not member}

    def signal_broker(self, number: signal.Signals) -> None:
        """Send the broker a signal."""
        os.kill(int(self.broker.folder.pid.read_text("utf-8")), number)

    def today(self) -> datetime.date:
        """The day that ingest's clock is on."""
        return datetime.datetime.fromtimestamp(self.now / MICROSECONDS, datetime.UTC).date()

    def of(self, role: str) -> list[Member]:
        return [member for member in self.members.values() if member.role == role]

    def start(self, *roles: str) -> None:
        """Want these roles, or all, and keep them from here on."""
        for role in roles or ROLES:
            self.add(role)
        self._keeping.start()

    def end(self) -> None:
        """Keep nothing any more, and kill what runs."""
        self._ending.set()
        self._keeping.join()
        self._balancer.close()
        self._asking.close()
        for member in self.members.values():
            member.kill()

    def parts(self, member: Member) -> dict[str, str]:
        """Each part of a process with how it does; nothing where it does not answer."""
        with suppress(httpx.HTTPError, msgspec.DecodeError):
            answer = msgspec.json.decode(self._asking.get(member.health + "ready").content)
            return {
                part["part"]: f"{part['condition']} {part['reason']}" for part in answer["parts"]
            }
        return {}

    def said(self) -> str:
        """What every process says of itself."""
        return "; ".join(
            f"{member.name}, started {member.starts} times: {self.parts(member)}"
            for member in self.members.values()
        )

    def log_of(self, member: Member) -> str:
        """All that a process, and those before it, logged."""
        return (self.folder / f"{member.name}.log").read_text("utf-8")

    def metrics(self, member: Member) -> str:
        """What it shows for Prometheus; nothing where it does not answer."""
        try:
            return self._asking.get(member.health.replace("health/", "metrics")).text
        except httpx.HTTPError:
            return ""

    def is_ready(self, member: Member) -> bool:
        return self._asked(member, "ready") == httpx.codes.OK

    def writer(self) -> Member | None:
        """The ingest that writes now."""
        return next((member for member in self.of("ingest") if self.is_ready(member)), None)

    def ready_door(self) -> int | None:
        writer = self.writer()
        return None if writer is None else writer.door

    def doors(self) -> list[str]:
        return [f"http://127.0.0.1:{member.door}/v1/events" for member in self.of("ingest")]

    def arm(self, role: str, moment: Moment) -> Path:
        """Let the first process of a role that comes to a moment act; return what is gone then."""
        file = self._armed(role)
        draft = file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(moment))
        draft.rename(file)
        return file

    def _armed(self, role: str) -> Path:
        return self.folder / f"{role}.armed"

    def _tell_clock(self, ahead: int) -> None:
        draft = self._clock.with_suffix(".draft")
        draft.write_text(str(ahead))
        draft.rename(self._clock)

    def _asked(self, member: Member, what: str) -> int:
        try:
            return self._asking.get(member.health + what).status_code
        except httpx.HTTPError:
            return 0

    def _keep(self) -> None:
        probed = time.monotonic()
        while not self._ending.wait(SECONDS_BETWEEN_LOOKS):
            for member in list(self.members.values()):
                self._keep_alive(member)
            if time.monotonic() - probed > SECONDS_BETWEEN_PROBES:
                probed = time.monotonic()
                for member in list(self.members.values()):
                    self._probe(member)

    def _keep_alive(self, member: Member) -> None:
        now = time.monotonic()
        if member.alive:
            member.ended_at = now
        elif member.wanted and now - member.ended_at > SECONDS_BEFORE_A_START:
            member.starts += 1
            member.process = launch(
                Launch(
                    member.arguments,
                    member.environment,
                    str(self.folder / f"{member.name}.log"),
                    str(self._clock) if member.role in IN_TIME else "",
                    str(self._armed(member.role)),
                    int(self.settings().bootstrap_servers.rpartition(":")[2]),
                    self.brisk,
                    member.other_fold,
                )
            )
            member.ended_at = now

    def _probe(self, member: Member) -> None:
        if member.alive and not member.frozen and self._asked(member, "live") == 503:
            member.signal(signal.SIGKILL)


@contextmanager
def site_in(folder: Path, *, brisk: bool = False) -> Iterator[Site]:
    """Start servers of its own in a folder, with topics and rights; all is gone in the end."""
    for name in ("kafka", "redis", "postgres"):
        (folder / name).mkdir()
    with ExitStack() as opened:
        broker, redis = broker_in(folder / "kafka"), redis_in(folder / "redis")
        postgres = postgres_in(folder / "postgres")
        broker.prepare()
        for server in (broker, redis, postgres):
            opened.callback(server.stop)
            server.start()
        site = Site(folder, broker, redis, postgres)
        site.brisk = brisk
        TopicsAsCode(read_topics(), site.settings()).apply()
        opened.callback(site.end)
        yield site
