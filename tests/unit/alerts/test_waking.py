"""A task that rests until the customer complains, or gets in touch, goes on when that happens."""

import asyncio
import datetime
from pathlib import Path

import msgspec
import pytest

from domain.retention.commands import Accept, Snooze
from domain.retention.task import RetentionTask, TaskState
from events import codec
from events.calendar import instant_of
from events.catalogue import REGISTRY
from events.complaints import ComplaintOpened, Severity
from events.interactions import Channel, Direction, InteractionRecorded
from events.task_values import WakeOn
from events.tasks import TaskWoken
from events.values import CustomerId, CustomerRef
from infra.desk.port import Done
from infra.log.records import FactRecord
from services.alerts.log_facts import LogFacts
from services.alerts.waking import Waking
from tests.support.desks import DeskWorld, customer, desk_world, in_sqlite

SHOP = CustomerRef("shop", "1")
COMPLAINT = ComplaintOpened(SHOP, "c1", "billing", Severity.HIGH)
CALL = InteractionRecorded(SHOP, Channel.CALL, Direction.INBOUND)
OUR_CALL = InteractionRecorded(SHOP, Channel.CALL, Direction.OUTBOUND)


class Facts:
    """A partition of facts, each so many hours after the task was laid to rest."""

    def __init__(self, world: DeskWorld) -> None:
        self._world = world
        self.records: list[FactRecord] = []

    def add(self, event: msgspec.Struct, hours: int, number: int = 1) -> None:
        at = self._world.moment.at + datetime.timedelta(hours=hours)
        offset, name = len(self.records), REGISTRY.name_of(event)
        named: tuple[CustomerId, str, str] = (customer(number), "test", str(offset))
        fields = (offset, name, *named, instant_of(at), 0, 0, codec.encode(event))
        self.records.append(FactRecord(*fields, b""))

    async def read_facts(self, partition: int, after: int, limit: int) -> list[FactRecord]:
        return self.records[after + 1 :][:limit]

    async def end_offset(self, partition: int) -> int:
        return len(self.records) - 1


async def resting(world: DeskWorld, *wake_on: WakeOn) -> RetentionTask:
    await world.hear(world.raised(1))
    offered = await world.task_of(1)
    manager = str(offered.manager)
    accepted = await world.desk.execute(Accept(world.about(offered, manager)))
    assert isinstance(accepted, Done)
    until = world.moment.day + datetime.timedelta(days=30)
    done = await world.desk.execute(Snooze(world.about(accepted.task, manager), until, wake_on))
    assert isinstance(done, Done)
    return done.task


@pytest.mark.parametrize(
    ("event", "hours", "number", "woken"),
    [
        (COMPLAINT, 1, 1, "new-complaint"),
        (CALL, 1, 1, "customer-contact"),
        (OUR_CALL, 1, 1, None),
        (COMPLAINT, -1, 1, None),
        (COMPLAINT, 1, 2, None),
    ],
    ids=["complaint", "their call", "our call", "an older complaint", "somebody else's"],
)
def test_what_happens_to_a_customer_wakes_its_task(
    tmp_path: Path, event: msgspec.Struct, hours: int, number: int, woken: str | None
) -> None:
    async def check() -> None:
        async with desk_world(in_sqlite(tmp_path)) as world:
            task = await resting(world, WakeOn.NEW_COMPLAINT, WakeOn.CUSTOMER_CONTACT)
            facts = Facts(world)
            facts.add(event, hours, number)
            waking = Waking(world.desk, LogFacts(world.desk, facts))

            assert await waking.advance() == 1
            assert await waking.advance() == 0

            last = (await world.reader.history(task.task_id))[-1].event
            assert (last.because.value if isinstance(last, TaskWoken) else None) == woken

    asyncio.run(check())


def test_a_task_that_waits_for_another_thing_rests_on(tmp_path: Path) -> None:
    async def check() -> None:
        async with desk_world(in_sqlite(tmp_path)) as world:
            await resting(world, WakeOn.CUSTOMER_CONTACT)
            facts = Facts(world)
            facts.add(COMPLAINT, 1)
            await Waking(world.desk, LogFacts(world.desk, facts)).advance()

            assert (await world.task_of(1)).state is TaskState.SNOOZED

    asyncio.run(check())


def test_a_restart_goes_on_where_it_was_and_nobody_waits_means_nothing_is_read(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        async with desk_world(in_sqlite(tmp_path)) as world:
            facts = Facts(world)
            facts.add(COMPLAINT, -2)
            assert await Waking(world.desk, LogFacts(world.desk, facts)).advance() == 0
            await resting(world, WakeOn.NEW_COMPLAINT)
            facts.add(CALL, 1)
            first = Waking(world.desk, LogFacts(world.desk, facts))
            assert await first.advance() == 2
            facts.add(COMPLAINT, 2)
            again = Waking(world.desk, LogFacts(world.desk, facts))

            assert await again.advance() == 1
            assert (await world.task_of(1)).state is TaskState.WORKING

    asyncio.run(check())
