"""The desk of a cluster, asked beside its processes: what was decided, published, and told."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from domain.retention.commands import About, PeoplesCommand
from domain.retention.task import RetentionTask
from events.catalogue import SIGNALS, TASKS
from events.task_values import Actor, ActorRole
from infra.desk.checking import DeskCheck, Signal, decided, published, waiting
from infra.desk.desk import TaskDesk
from infra.desk.kept_policy import policy_in_use, rules_by
from infra.desk.now import moment_of
from infra.desk.port import Done
from infra.desk.postgres import PostgresDesk
from infra.desk.reading import DeskReader
from infra.desk.relay import DESK
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from infra.log.records import OutputRecord
from tests.support.cluster import SECONDS, Cluster

LOOKS_A_SECOND = 4


class DeskState(msgspec.Struct, frozen=True):
    """A desk at rest: every signal decided on once, everything said published once."""

    signals: int
    tasks: int
    digest: str
    events: int


def team(folder: Path) -> dict[str, str]:
    """The settings that name the managers and the policy of a quiet shop."""
    return {
        "HOLDFAST_MANAGERS": str(folder / "managers.yaml"),
        "HOLDFAST_TASK_POLICY": str(folder / "policy.yaml"),
    }


async def records_of(log: KafkaLog, topic: str, projection: str) -> list[OutputRecord]:
    """Everything that a projection, or the desk, said on a topic; once each."""
    found: list[OutputRecord] = []
    for partition in range(log.partitions):
        after = -1
        while records := await log.read_outputs(topic, projection, partition, after, 5_000):
            found += records
            after = records[-1].sequence
    return found


async def until_decided(cluster: Cluster) -> DeskState:
    """Wait until nothing is left to decide on or to publish; then hold the desk to all it must be."""
    log, store = await cluster.open_log(), PostgresDesk(cluster.postgres)
    try:
        projection = str(head_of(log).projection())
        deadline = time.monotonic() + SECONDS
        end = -1
        while True:
            missing = await _missing(log, store, projection)
            if missing is None and end == (end := store.notifications_end()):
                return await held(log, store, projection)  # nothing was said for a while
            assert time.monotonic() < deadline, missing
            cluster.check_alive()
            await asyncio.sleep(1 / LOOKS_A_SECOND)
    finally:
        store.close()
        await log.close()


async def held(log: KafkaLog, store: PostgresDesk, projection: str) -> DeskState:
    """Hold a desk at rest to the log: every signal one decision, every event published, in order."""
    signals = await _signals(log, projection)
    known = decided(store, projection)
    assert Counter(signals) == Counter(known | waiting(store, projection))
    found: list[str] = []
    checked = DeskCheck(store, lambda row, detail: found.append(f"{row}: {detail}")).run()
    assert not found, found
    said = {number: data for number, _, data in _all_published(store)}
    stands = await records_of(log, TASKS, DESK)
    assert {each.sequence: each.data for each in stands} == said
    assert len(stands) == len(said)
    assert _accounts_in_order(stands)
    return DeskState(len(signals), checked.tasks, checked.digest, len(said))


class DeskOfCluster:
    """A desk of this process on the cluster's store, as a console has one."""

    def __init__(self, desk: TaskDesk) -> None:
        self.desk = desk
        self.reader = DeskReader(desk.store)

    async def do(
        self, task: RetentionTask, command: Callable[[About], PeoplesCommand]
    ) -> RetentionTask:
        """Carry a command of the task's manager out; return the task after it."""
        actor = Actor(ActorRole.MANAGER, str(task.manager))
        about = About(task.task_id, actor, await self.desk.now(), task.version)
        done = await self.desk.execute(command(about))
        assert isinstance(done, Done), done
        return done.task


@asynccontextmanager
async def desk_of(cluster: Cluster) -> AsyncIterator[DeskOfCluster]:
    """Open a desk beside those of the cluster's processes."""
    log, store = await cluster.open_log(), PostgresDesk(cluster.postgres)
    policy = policy_in_use(store)
    assert policy is not None
    rules = rules_by(policy, head_of(log).identity.business_timezone)
    desk = TaskDesk(store, rules, lambda: moment_of(head_of(log), _wall()), log.partitions)
    opened = DeskOfCluster(desk)
    try:
        yield opened
    finally:
        opened.reader.close()
        await desk.close()
        await log.close()


def _wall() -> int:
    return time.time_ns() // 1_000


async def _missing(log: KafkaLog, store: PostgresDesk, projection: str) -> str | None:
    signals = set(await _signals(log, projection))
    left = signals - decided(store, projection) - waiting(store, projection)
    if left:
        return f"{len(left)} of {len(signals)} signals are not decided on"
    last = _all_published(store)[-1][0] if signals else 0
    stands = await records_of(log, TASKS, DESK)
    reached = max((record.sequence for record in stands), default=0)
    return None if reached == last else f"published up to {reached} of {last}"


async def _signals(log: KafkaLog, projection: str) -> list[Signal]:
    return [
        (record.partition, record.sequence)
        for record in await records_of(log, SIGNALS, projection)
        if record.type != "crm.standing.ended.v1"
    ]


def _all_published(store: PostgresDesk) -> list[tuple[int, str, bytes]]:
    found: list[tuple[int, str, bytes]] = []
    while more := published(store, found[-1][0] if found else 0, store.notifications_end()):
        found += more
    return found


def _accounts_in_order(records: Sequence[OutputRecord]) -> bool:
    """Whether each account stands in one partition, in the order of the notification log."""
    places: dict[str, tuple[int, int]] = {}
    for record in sorted(records, key=lambda each: (each.partition, each.offset)):
        said = json.loads(record.data)
        account = said["account"] if "account" in said else said["task"]["account"]
        partition, sequence = places.get(account, (record.partition, -1))
        if partition != record.partition or sequence >= record.sequence:
            return False
        places[account] = (record.partition, record.sequence)
    return True
