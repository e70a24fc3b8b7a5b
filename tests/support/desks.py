"""A desk on a store, fed with signals of literal customers."""

import datetime
import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from domain.retention.commands import About, Accept, Moment
from domain.retention.policy import Policy, policy_hash
from domain.retention.task import RetentionTask, evolve
from domain.retention.working_time import WorkingClock
from events import codec
from events.calendar import day_number
from events.catalogue import REGISTRY, SIGNALS
from events.desk import ManagerListed
from events.figures import Evidence, SilenceFigures
from events.marks import Emission
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    CustomerPlaced,
    Placement,
    RiskStanding,
    SignalReason,
    StandingEnded,
)
from events.task_values import Actor, ActorRole, TaskId
from events.values import CustomerId, Money
from infra.desk.checking import DeskCheck
from infra.desk.desk import TaskDesk
from infra.desk.office import Rules
from infra.desk.port import DeskStore, Done
from infra.desk.postgres import PostgresDesk
from infra.desk.reading import DeskReader
from infra.desk.sqlite import SqliteDesk
from infra.log.records import OutputRecord
from tests.support.postgres_server import PostgresServer

DAY = datetime.date(2011, 9, 12)
AT = datetime.datetime(2011, 9, 12, 9, tzinfo=datetime.UTC)
QUIET = SignalReason.UNUSUALLY_QUIET
SILENT = SilenceFigures(38, 7.6, 12, 3.0, 9.1, 8.0)
ANN, BEN, LEAD = "AM-1", "AM-2", "TL-1"
TEAM = (ManagerListed(ANN, 3), ManagerListed(BEN, 3), ManagerListed(LEAD, 0, lead=True))
POLICY = Policy()

OpenStore = Callable[[], DeskStore]


def customer(number: int) -> CustomerId:
    return CustomerId(f"00000000-0000-5000-8000-{number:012d}")


def placed(number: int, account: str | None = None, owner: str | None = None) -> Placement:
    return Placement(account or customer(number), owner)


class DeskWorld:
    """A desk whose now is set by hand, and the signals that it is fed with."""

    def __init__(self, open_store: OpenStore, policy: Policy, partitions: int) -> None:
        self.moment = Moment(AT, DAY)
        self.policy = policy
        self._next = [0] * partitions  # as in a log: its first record may have an output
        self.projection = "p-1"
        self.rules = Rules(policy, policy_hash(policy), WorkingClock(policy.working_time, "UTC"))
        self.desk = TaskDesk(open_store(), self.rules, lambda: self.moment, partitions)
        self.reader = DeskReader(self.desk.store)

    def later(self, days: int) -> None:
        self.moment = Moment(
            self.moment.at + datetime.timedelta(days=days),
            self.moment.day + datetime.timedelta(days=days),
        )

    def record(
        self, event: msgspec.Struct, partition: int = 0, emission: Emission = Emission.LIVE
    ) -> OutputRecord:
        sequence = self._next[partition]
        self._next[partition] += 1
        day = day_number(self.moment.day)
        fields = (sequence, SIGNALS, self.projection, partition, sequence)
        named = (REGISTRY.name_of(event), getattr(event, "customer_id", None), day)
        return OutputRecord(*fields, *named, emission.value, 0, codec.encode(event))

    def raised(
        self, number: int, place: Placement | None = None, stake: int = 100_000
    ) -> AnomalyRaised:
        day = self.moment.day
        evidence = Evidence("crm.order.placed.v1", day, day)
        money = Money(stake, "GBP")
        return AnomalyRaised(
            customer(number),
            day,
            QUIET,
            "silence-1",
            SILENT,
            evidence,
            money,
            place or placed(number),
        )

    def cleared(self, number: int, place: Placement | None = None) -> AnomalyCleared:
        day = self.moment.day
        return AnomalyCleared(
            customer(number), day, QUIET, "silence-1", day, SILENT, place or placed(number)
        )

    def standing(
        self, number: int, place: Placement | None = None, stake: int = 100_000
    ) -> RiskStanding:
        day, money = self.moment.day, Money(stake, "GBP")
        return RiskStanding(
            customer(number), day, QUIET, "silence-1", day, SILENT, money, place or placed(number)
        )

    def moved(self, number: int, place: Placement) -> CustomerPlaced:
        return CustomerPlaced(customer(number), self.moment.day, place)

    async def hear(
        self, *events: msgspec.Struct, partition: int = 0, emission: Emission = Emission.LIVE
    ) -> list[OutputRecord]:
        records = [self.record(event, partition, emission) for event in events]
        await self.desk.take(records)
        return records

    async def ended(self, partition: int = 0) -> None:
        await self.hear(StandingEnded(partition, 0), partition=partition)

    async def task_of(self, number: int) -> RetentionTask:
        return (await self.reader.of_customer(customer(number)))[0]

    async def verdicts(self, number: int) -> list[str]:
        """What was decided on a customer's signals, in order: the gate where it was withheld."""
        found = await self.reader.judgements(customer(number))
        return [
            each.gates[-1].gate.value if each.verdict.value == "withheld" else each.verdict.value
            for each in reversed(found)
        ]

    def about(self, task: RetentionTask, code: str, *, key: str = "") -> About:
        role = ActorRole.LEAD if code == LEAD else ActorRole.MANAGER
        return About(task.task_id, Actor(role, code), self.moment, task.version, key)


@asynccontextmanager
async def desk_world(
    open_store: OpenStore, policy: Policy = POLICY, partitions: int = 1, team: bool = True
) -> AsyncIterator[DeskWorld]:
    world = DeskWorld(open_store, policy, partitions)
    try:
        if team:
            await world.desk.list_managers(TEAM)
        yield world
    finally:
        world.reader.close()
        await world.desk.close()


def in_sqlite(path: Path) -> OpenStore:
    return lambda: SqliteDesk(path / "desk.db")


def in_postgres(server: PostgresServer) -> OpenStore:
    """A store in a schema of its own."""
    schema = f"desk_{next(_schemas)}_{os.getpid()}"
    return lambda: PostgresDesk(server.settings(schema))


_schemas = itertools.count()


async def holds(world: DeskWorld) -> None:
    """Rows are the fold of their events, and managers have just the tasks that say so."""
    counted: dict[str, set[TaskId]] = {}
    for (task_id,) in await world.reader.fetch("SELECT task_id FROM desk_tasks"):
        task = await world.reader.task(TaskId(str(task_id)))
        folded = None
        for record in await world.reader.history(TaskId(str(task_id))):
            folded = evolve(folded, record.event)
        assert task == folded
        assert task is not None
        if task.is_open and task.manager is not None:
            counted.setdefault(task.manager, set()).add(task.task_id)
    for manager in await world.reader.managers():
        assert manager.tasks == counted.get(manager.code, set())
    found: list[tuple[str, str]] = []
    DeskCheck(world.desk.store, lambda *difference: found.append(difference)).run()
    assert found == []


async def working(world: DeskWorld, number: int = 1) -> RetentionTask:
    """A task that was raised, offered and accepted."""
    await world.hear(world.raised(number))
    task = await world.task_of(number)
    done = await world.desk.execute(Accept(world.about(task, str(task.manager))))
    assert isinstance(done, Done), done
    return done.task
