"""Workers of many partitions: side by side, handed over between two commits, and on again by themselves."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.detection.day_model import START, DayModel
from infra.health.board import Condition
from infra.log.port import LogUnavailableError
from infra.log.records import Output
from infra.state.port import StateUnavailableError
from infra.stream import partition_worker
from tests.support.given import DAY, id_of, order
from tests.support.group import Group
from tests.support.world import World, awaited

PARTITIONS = 4
NAMES = [f"customer {number}" for number in range(40)]
FACTS = [order(name, DAY + day) for day in (0, 1, 40) for name in NAMES]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_worker, "SECONDS_BETWEEN_ATTEMPTS", 0.0)
    monkeypatch.setattr(partition_worker, "SECONDS_TO_GATHER", 0.0)


async def a_world() -> World:
    world = await World(PARTITIONS).create()
    await world.append(FACTS)
    return world


async def digest_of_one_by_one() -> str:
    """What the same facts come to, folded a partition at a time by plain runners."""
    world = await a_world()
    await world.fold()
    return await world.digest()


@awaited
async def test_all_partitions_are_folded_and_their_offsets_noted() -> None:
    group = Group(await a_world())

    async with group.working():
        await group.feed.until_idle(*range(PARTITIONS))

    ends = [await group.world.log.end_offset(number) for number in range(PARTITIONS)]
    assert group.feed.folded == dict(enumerate(ends))
    assert await group.world.digest() == await digest_of_one_by_one()


@awaited
async def test_handed_over_and_taken_up_by_another_process_it_comes_to_the_same() -> None:
    group = Group(await a_world())
    for _ in range(3):
        async with group.working():
            await group.feed.until_idle(0)
        group.feed.given = set(range(PARTITIONS))
        group.feed.waiting.clear()

    async with group.working():
        await group.feed.until_idle(*range(PARTITIONS))

    assert await group.world.digest() == await digest_of_one_by_one()


class Slow:
    """A publisher that is at its work until it is told to go on."""

    def __init__(self, world: World) -> None:
        self._log = world.log
        self.at_work = asyncio.Event()
        self.go_on = asyncio.Event()

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        self.at_work.set()
        await self.go_on.wait()
        await self._log.publish(projection, partition, outputs)


@awaited
async def test_a_hand_over_waits_for_the_commit_that_is_under_way() -> None:
    group = Group(await a_world())
    group.publisher = slow = Slow(group.world)

    async with group.working() as workers:
        await slow.at_work.wait()
        await group.feed.take(*range(PARTITIONS))
        handing_over = asyncio.create_task(workers.revoked(range(PARTITIONS)))
        await asyncio.sleep(0)
        assert not handing_over.done()
        slow.go_on.set()
        await handing_over

    positions = [await states.rows.position() for states in group.states]
    assert max(position.offset for position in positions) >= 0
    assert workers.workers == {}


@awaited
async def test_a_hand_over_that_takes_too_long_is_broken_off_and_does_no_harm() -> None:
    group = Group(await a_world())
    group.publisher = slow = Slow(group.world)
    async with group.working(seconds=0.05):
        await slow.at_work.wait()

    group.publisher = group.world.log
    group.feed.given = set(range(PARTITIONS))
    async with group.working():
        await group.feed.until_idle(*range(PARTITIONS))

    assert await group.world.digest() == await digest_of_one_by_one()


class NeverDecided:
    """Models that nobody decides."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def of(self, day: int) -> DayModel:
        self.asked.set()
        await asyncio.Event().wait()
        return START

    def decided(self, day: int) -> DayModel | None:
        return None


@awaited
async def test_a_hand_over_does_not_wait_for_a_model() -> None:
    group = Group(await a_world(), NeverDecided())

    async with asyncio.timeout(3), group.working(seconds=60) as workers:
        await group.models.asked.wait()
        await group.feed.take(*range(PARTITIONS))
        await workers.revoked(range(PARTITIONS))


@awaited
async def test_a_partition_whose_lease_was_taken_is_opened_anew_and_goes_on() -> None:
    group = Group(await a_world())

    async with group.working():
        await group.feed.until_idle(*range(PARTITIONS))
        group.states[1].lease += 1  # somebody took it, and is gone again
        await group.world.append([order(name, DAY + 50) for name in NAMES])
        group.feed.waiting.clear()
        await group.feed.wake()
        await group.feed.until_idle(*range(PARTITIONS))

    assert [states.opened for states in group.states] == [1, 2, 1, 1]
    again = await a_world()
    await again.append([order(name, DAY + 50) for name in NAMES])
    await again.fold()
    assert await group.world.digest() == await again.digest()


@awaited
async def test_states_that_were_emptied_are_folded_anew_though_no_fact_comes() -> None:
    group = Group(await a_world())

    async with group.working():
        await group.feed.until_idle(*range(PARTITIONS))
        group.states[1].rows.__init__()  # type: ignore[misc]  # emptied, as Redis may be
        await group.feed.pass_a_moment()
        await group.feed.until_idle(*range(PARTITIONS))

    assert [states.opened for states in group.states] == [1, 2, 1, 1]
    assert await group.world.digest() == await digest_of_one_by_one()


@pytest.mark.parametrize(
    "error", [StateUnavailableError("no answer"), LogUnavailableError("no answer")]
)
def test_a_store_or_log_that_was_away_is_used_again(error: Exception) -> None:
    @awaited
    async def scenario() -> None:
        group = Group(await a_world())
        group.states[2].before_commit = [error, error]

        async with group.working():
            await group.feed.until_idle(*range(PARTITIONS))

        assert group.states[2].opened == 3
        assert await group.world.digest() == await digest_of_one_by_one()

    scenario()


@awaited
async def test_a_partition_that_cannot_go_on_stands_still_in_sight_while_the_others_go_on() -> None:
    group = Group(await a_world())
    await poison(group.world, 0)
    async with group.working() as workers:
        await group.feed.until_idle(1, 2, 3)
        await group.board.stands_still.wait()
        halted = workers.workers[0].halted
        (standing,) = [
            part for part in group.board.report().parts if part.condition is Condition.HALTED
        ]

    assert halted is not None
    assert "stands still" in halted
    assert (standing.part, standing.reason) == ("partition 0", halted)
    assert not group.board.report().parts, "handed over, it is not ours to tell of"


async def poison(world: World, partition: int) -> None:
    """Force a record of an unknown type into a partition."""
    records = world.log.storage.facts[partition]
    last = records[-1]
    fake = last._replace(offset=last.offset + 1, type="crm.order.eaten.v1", customer_id=id_of("x"))
    records.append(fake._replace(digest=fake.computed_digest()))


@awaited
async def test_figures_are_shown_of_what_is_worked_on_and_of_nothing_else() -> None:
    group = Group(await a_world())
    await poison(group.world, 0)

    async with group.working():
        await group.feed.until_idle(1, 2, 3)
        await group.board.stands_still.wait()
        ends = [await group.world.log.end_offset(number) for number in range(PARTITIONS)]
        assert group.figure("holdfast_halted", 0) == 1
        assert group.figure("holdfast_lag_events", 1) == 0
        assert group.figure("holdfast_lag_seconds", 1) == 0
        assert group.figure("holdfast_open_day", 1) == DAY + 40
        assert group.figure("holdfast_facts_folded_total", 1) == ends[1] + 1

    assert group.figure("holdfast_lag_events", 1) is None


@awaited
async def test_what_nobody_foresaw_is_handed_on() -> None:
    group = Group(await a_world())
    group.states[3].before_commit = [ZeroDivisionError("a fault of ours")]

    async with group.working() as workers:
        with pytest.raises(ZeroDivisionError):
            await workers.failed
