"""The runner: marks, positions, quarantine, halting, silence, and the log it belongs to."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from domain.detection.churn import weekday_of
from events.calendar import day_number
from events.marks import Emission
from events.signals import AnomalyRaised, RiskStanding, StandingEnded
from events.snapshots import DayClosed, SnapshotTaken
from infra.log.records import FactRecord, NewFact
from infra.state.memory import MemoryStateStore
from infra.state.port import Commit, Position, PositionConflictError
from infra.stream.halting import HaltedError, ReplacedLogError
from infra.stream.runner import Limits, Partition, PartitionRunner
from infra.stream.sequence import OUTPUTS_AN_OFFSET, offset_of, published, sequence
from tests.support.given import DAY, id_of, order, orders, usage
from tests.support.world import PROJECTION, World, awaited, decoded, fold_partition, world_of

Event = TypeVar("Event", bound=msgspec.Struct)

WEEKS = range(DAY, DAY + 64, 7)
DUE = DAY + 63 + 29
QUIET = sorted(["anna", "bert", "cleo", "dora", "emil"], key=id_of)


def everybody_quiet() -> list[NewFact]:
    """Five customers who buy on the same ten days and would be surprising on `DUE`."""
    return [order(customer, day) for day in WEEKS for customer in QUIET]


async def up_to_due() -> World:
    """A world in which five silences are raised by the opening of one day, day by day and live."""
    world = await World().create()
    await world.append(everybody_quiet())
    for day in range(DAY + 64, DUE + 1):
        await world.log.advance(day)
    return world


def of_type(world: World, kind: type[Event]) -> list[Event]:
    return [event for event in map(decoded, world.said()) if isinstance(event, kind)]


@awaited
async def test_due_customers_are_stepped_in_id_order_and_counted() -> None:
    world = await up_to_due()
    await world.fold()

    raised = of_type(world, AnomalyRaised)
    assert [event.customer_id for event in raised] == [id_of(name) for name in QUIET]
    *_, closed = of_type(world, DayClosed)
    assert closed.count == 5


@awaited
async def test_every_day_is_closed_once_the_empty_ones_too() -> None:
    world = await up_to_due()
    await world.fold()

    closed = of_type(world, DayClosed)
    assert len(closed) == DUE - DAY + 1
    assert {event.partition for event in closed} == {0}
    turns = [sum(weekday_of(id_of(name)) == day % 7 for name in QUIET) for day in range(DAY, DUE)]
    turns[0] = 0  # on the day of the first purchases nobody is due yet
    assert [event.count for event in closed[:-1]] == turns
    assert turns.count(0) == 1 + 13 * 2, "no customer's turn falls on two of the seven weekdays"


@awaited
async def test_partitions_without_customers_close_their_days_too() -> None:
    world = await world_of(orders("anna", DAY, DAY + 3), partitions=4)

    closed = of_type(world, DayClosed)
    assert [event.partition for event in closed] == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4


@awaited
async def test_sequences_are_made_of_offset_and_ordinal_and_only_grow() -> None:
    world = await up_to_due()
    await world.fold()

    sequences = [record.sequence for record in world.said()]
    assert sequences == sorted(set(sequences))
    last_mark = await world.log.end_offset(0)
    last_day = [number for number in sequences if offset_of(number) == last_mark]
    assert last_day == [sequence(last_mark, ordinal) for ordinal in range(11)], "5 x 2, and closed"


def test_a_sequence_is_published_as_nineteen_digits_that_sort() -> None:
    numbers = [
        sequence(0, 0),
        sequence(0, 9),
        sequence(3, 1),
        sequence(2**37, OUTPUTS_AN_OFFSET - 1),
    ]

    assert [published(number) for number in numbers] == sorted(map(published, numbers))
    assert {len(published(number)) for number in numbers} == {19}
    assert numbers[-1] < 2**63
    assert offset_of(sequence(12_345, 678)) == 12_345


def test_more_outputs_than_a_sequence_can_number_are_refused() -> None:
    with pytest.raises(OverflowError, match="offset 7"):
        sequence(7, OUTPUTS_AN_OFFSET)


@awaited
async def test_standings_are_said_at_the_live_mark_and_then_their_number() -> None:
    world = await World().create()
    await world.append(everybody_quiet())
    await world.log.advance(DUE + 20)
    await world.fold()

    live = [decoded(record) for record in world.said() if record.emission == "live"]
    *standings, ended = live[-6:]
    assert [event.customer_id for event in standings if isinstance(event, RiskStanding)] == [
        id_of(name) for name in QUIET
    ]
    assert ended == StandingEnded(0, 5)
    assert len(of_type(world, RiskStanding)) == 5
    assert len(of_type(world, StandingEnded)) == 2, "at the projection's creation, with 0, too"
    raised = [r for r in world.said() if r.type == "crm.anomaly.raised.v3"]
    assert {record.emission for record in raised} == {"history"}


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
@awaited
async def test_the_number_of_standings_is_right_whatever_a_commit_holds(limit: int) -> None:
    world = await World(limits=Limits(1_000, limit)).create()
    await world.append(everybody_quiet())
    await world.log.advance(DUE + 20)
    await world.fold()

    assert of_type(world, StandingEnded)[-1] == StandingEnded(0, 5)
    (due,) = [e for e in of_type(world, DayClosed) if day_number(e.day) == DUE]
    assert due.count == 5
    steps = sum(event.count for event in of_type(world, DayClosed))
    assert steps == len(of_type(world, SnapshotTaken)) + sum(
        weekday_of(event.customer_id) != DUE % 7 for event in of_type(world, AnomalyRaised)
    ), "a step is somebody's turn, or a silence that became surprising on another day"


class RecordingStore(MemoryStateStore):
    """Keeps every commit."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Commit] = []

    async def commit(self, expected: Position, commit: Commit) -> None:
        await super().commit(expected, commit)
        self.commits.append(commit)


@pytest.mark.parametrize("limit", [1, 2, 2_000])
@awaited
async def test_no_commit_changes_more_customers_than_the_limit(limit: int) -> None:
    world = await up_to_due()
    store = RecordingStore()

    await fold_partition(world.log, store, 0, Limits(1_000, limit))

    assert max(len(commit.rows) for commit in store.commits) == min(limit, 5)
    last_mark = await world.log.end_offset(0)
    in_the_middle = [
        commit.position
        for commit in store.commits
        if commit.position.offset == last_mark and commit.position.last_customer is not None
    ]
    assert len(in_the_middle) == 5 // limit, "the opening of the last day, done bit by bit"


@awaited
async def test_a_mark_of_another_projection_changes_nothing() -> None:
    world = await up_to_due()
    store = MemoryStateStore()
    runner = PartitionRunner(Partition("unheard of", 0), CustomerFold("GBP"), world.log, store)
    await (await runner.start()).catch_up()
    runner.close()

    assert (await store.position()).emission is Emission.SILENT
    assert (await store.position()).offset == await world.log.end_offset(0)


@awaited
async def test_a_silent_projection_publishes_its_snapshots_only() -> None:
    world = await up_to_due()
    store = MemoryStateStore()
    runner = PartitionRunner(Partition("rebuilt", 0), CustomerFold("GBP"), world.log, store)
    await (await runner.start()).catch_up()
    runner.close()
    await world.fold()

    silent = [record for record in world.said() if record.projection == "rebuilt"]
    assert {record.topic for record in silent} == {"crm.snapshots"}
    assert {record.emission for record in silent} == {"silent"}
    live = {
        r.sequence
        for r in world.said()
        if r.projection == PROJECTION and r.topic == "crm.snapshots"
    }
    assert {record.sequence for record in silent} == live, (
        "what is not said is numbered all the same"
    )
    first = world.stores[0]
    assert isinstance(first, MemoryStateStore)
    assert store.rows == first.rows


@awaited
async def test_the_position_is_that_of_the_last_record() -> None:
    world = await world_of(orders("anna", DAY, DAY + 1))
    (last,) = await world.log.read_facts(0, await world.log.end_offset(0) - 1, 1)

    position = await world.stores[0].position()
    assert (position.offset, position.digest) == (last.offset, last.digest)
    assert (position.last_customer, position.stepped) == (None, 0)
    assert (position.open_day, position.emission) == (DAY + 1, Emission.LIVE)


@awaited
async def test_at_the_end_nothing_more_is_done() -> None:
    world = await world_of(orders("anna", DAY))
    position, outputs = await world.stores[0].position(), world.said()

    await world.fold()

    assert await world.stores[0].position() == position
    assert world.said() == outputs


@awaited
async def test_an_empty_log_is_nothing_to_do() -> None:
    store = MemoryStateStore()
    log = (World()).log

    await fold_partition(log, store)

    assert await store.position() == Position()


async def cut_last(world: World) -> None:
    del world.log.storage.facts[0][-1]


async def replace_last(world: World) -> None:
    last = world.log.storage.facts[0][-1]
    other = last._replace(data=order("anna", DAY, 1).data)
    world.log.storage.facts[0][-1] = other._replace(digest=other.computed_digest())


@pytest.mark.parametrize("harm", [cut_last, replace_last])
@awaited
async def test_states_of_another_log_are_refused(
    harm: Callable[[World], Awaitable[None]],
) -> None:
    world = await world_of(orders("anna", DAY, DAY + 1))
    before = world.said()

    await harm(world)

    with pytest.raises(ReplacedLogError, match="restore the log that belongs to them"):
        await world.fold()
    assert world.said() == before


@awaited
async def test_a_worker_that_lost_its_partition_stops() -> None:
    world = await up_to_due()
    runner = PartitionRunner(
        Partition(PROJECTION, 0), CustomerFold("GBP"), world.log, world.stores[0]
    )
    await runner.start()
    await world.stores[0].commit(Position(), Commit(Position(offset=3), []))

    with pytest.raises(PositionConflictError):
        await runner.catch_up()
    runner.close()


def unknown(offset: int, customer: str | None, day: int | None) -> FactRecord:
    """A record of a type that a later release brought."""
    customer_id = None if customer is None else id_of(customer)
    record = FactRecord(
        offset, "crm.from.tomorrow.v1", customer_id, "shop", "t1", 0, day, 0, b"{}", b""
    )
    return record._replace(digest=record.computed_digest())


@pytest.mark.parametrize("customer", ["bert", None], ids=["fact", "mark"])
@pytest.mark.parametrize("limit", [1, 3, 2_000])
@awaited
async def test_an_unknown_type_halts_with_all_before_it_committed(
    customer: str | None, limit: int
) -> None:
    world = await World(limits=Limits(1_000, limit)).create()
    await world.append(orders("anna", DAY, DAY + 1))
    await world.log.append([order("bert", DAY + 1)])
    end = await world.log.end_offset(0)
    day = None if customer is None else DAY + 1
    world.log.storage.facts[0].append(unknown(end + 1, customer, day))
    await world.log.append([order("anna", DAY + 2)])

    for _ in range(2):
        with pytest.raises(
            HaltedError, match=f"offset {end + 1}.*crm.from.tomorrow.v1.*start a rel"
        ):
            await world.fold()

    assert (await world.stores[0].position()).offset == end
    assert {name: state.facts for name, state in (await world.states()).items()} == {
        id_of("anna"): 2,
        id_of("bert"): 1,
    }


@awaited
async def test_a_damaged_mark_halts_with_all_before_it_committed() -> None:
    world = await World().create()
    await world.append(orders("anna", DAY, DAY + 1))
    end = await world.log.end_offset(0)
    torn = FactRecord(end + 1, "crm.day.opened.v1", None, None, None, 0, None, 0, b'{"da', b"")
    world.log.storage.facts[0].append(torn)

    with pytest.raises(HaltedError, match=f"offset {end + 1}.*is damaged.*restore the log"):
        await world.fold()

    assert (await world.stores[0].position()).offset == end


@awaited
async def test_the_same_runner_halts_again_and_loses_nothing() -> None:
    world = await World().create()
    await world.append(orders("anna", DAY, DAY + 1))
    end = await world.log.end_offset(0)
    world.log.storage.facts[0].append(unknown(end + 1, "anna", DAY + 1))
    runner = PartitionRunner(
        Partition(PROJECTION, 0), CustomerFold("GBP"), world.log, world.stores[0]
    )
    await runner.start()

    for _ in range(3):
        with pytest.raises(HaltedError):
            await runner.catch_up()
    runner.close()

    assert (await world.states())[id_of("anna")].facts == 2
    assert runner.position.offset == end


def test_limits_are_what_the_design_says() -> None:
    assert Limits().customers_a_commit == 2_000


@awaited
async def test_usage_alone_makes_a_customer_and_no_signal() -> None:
    world = await world_of([usage("anna", day, "mobile-data", 1.5) for day in range(DAY, DAY + 50)])

    assert list(await world.states()) == [id_of("anna")]
    assert {record.type for record in world.said()} == {
        "crm.day.closed.v1",
        "crm.standing.ended.v1",
    }
