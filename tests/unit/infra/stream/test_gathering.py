"""Folding history, many records and days gather in one commit, and nothing else changes by it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.signals import AnomalyRaised
from infra.log.records import NewFact
from infra.state.memory import MemoryStateStore
from infra.state.port import Commit, Position
from infra.stream.runner import DEFAULT_LIMITS, HaltedError, Limits
from tests.support.crashes import crashing_stores, fold_through_crashes
from tests.support.given import DAY, order
from tests.support.histories import Happening, arrivals, happenings
from tests.support.properties import CAME_BACK, folded, played, published
from tests.support.world import World, awaited, decoded, fold_partition, new_runner

often = settings(max_examples=40)
WEEKS = range(DAY, DAY + 64, 7)
DUE = DAY + 63 + 29
QUIET = ("anna", "bert", "cleo", "dora", "emil")
GATHERING = [Limits(1, 1, 4), Limits(3, 2, 10), Limits(7, 7, 5_000), Limits(5_000, 2_000, 50_000)]


class RecordingStore(MemoryStateStore):
    """Keeps every commit."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Commit] = []

    async def commit(self, expected: Position, commit: Commit) -> None:
        await super().commit(expected, commit)
        self.commits.append(commit)


def everybody_quiet() -> list[NewFact]:
    """Five customers who buy on the same ten days and are surprising on `DUE`."""
    return [order(customer, day) for day in WEEKS for customer in QUIET]


async def up_to_due() -> World:
    world = await World().create()
    await world.append(everybody_quiet())
    for day in range(DAY + 64, DUE + 1):
        await world.log.advance(day)
    return world


async def commits_with(limits: Limits) -> tuple[World, list[Commit]]:
    world, store = await up_to_due(), RecordingStore()
    await fold_partition(world.log, store, 0, limits)
    return world, store.commits


@often
@given(happenings, st.sampled_from(GATHERING))
@example(CAME_BACK, GATHERING[0])
@example(CAME_BACK, GATHERING[1])
@example(CAME_BACK, GATHERING[2])
@awaited
async def test_gathering_publishes_the_same_sequences_and_leaves_the_same_states(
    history: list[Happening], limits: Limits
) -> None:
    plain = await folded(arrivals(history), 1, Limits(1, 1))
    gathered = await folded(arrivals(history), 1, limits)

    assert published(gathered) == published(plain)
    assert await gathered.states() == await plain.states()
    assert await gathered.stores[0].position() == await plain.stores[0].position()


@often
@given(happenings, st.sampled_from(GATHERING), st.booleans())
@example(CAME_BACK, GATHERING[0], True)
@example(CAME_BACK, GATHERING[1], False)
@awaited
async def test_a_crash_at_every_commit_changes_nothing(
    history: list[Happening], limits: Limits, before: bool
) -> None:
    calm = await folded(arrivals(history))
    world = await played(arrivals(history))
    (store,) = crashing_stores(1, before=before)
    world.stores = [store]

    await fold_through_crashes(world.log, store, 0, limits)

    assert store.crashes > 0
    assert published(world) == published(calm)
    assert await world.states() == await calm.states()


@awaited
async def test_days_gather_in_one_commit() -> None:
    _, plain = await commits_with(Limits(1_000, 2_000))
    _, gathered = await commits_with(Limits(1_000, 2_000, 50_000))

    assert len(plain) > DUE - DAY
    assert len(gathered) < 5
    assert gathered[-1].position == plain[-1].position


@awaited
async def test_a_customer_who_changes_again_and_again_is_written_once() -> None:
    _, gathered = await commits_with(Limits(1_000, 2_000, 50_000))

    assert [len(commit.rows) for commit in gathered][-1] == len(QUIET)


@awaited
async def test_who_changed_since_the_last_commit_is_stepped_when_due() -> None:
    world, _ = await commits_with(Limits(1_000, 2_000, 50_000))

    raised = [event for event in map(decoded, world.said()) if isinstance(event, AnomalyRaised)]
    ids = [event.customer_id for event in raised]
    assert len(ids) == len(QUIET)
    assert ids == sorted(ids)


@pytest.mark.parametrize("limit", [1, 2, 5])
@awaited
async def test_where_very_many_are_due_they_are_stepped_with_commits_between(limit: int) -> None:
    world, gathered = await commits_with(Limits(1_000, limit, 50_000))

    in_the_middle = [c for c in gathered if c.position.last_customer is not None]
    assert len(in_the_middle) == len(QUIET) // limit
    assert all(len(commit.rows) <= limit for commit in in_the_middle)
    raised = [event for event in map(decoded, world.said()) if isinstance(event, AnomalyRaised)]
    assert len(raised) == len(QUIET)


@awaited
async def test_so_many_records_gather_and_no_more() -> None:
    world, store = await up_to_due(), RecordingStore()
    runner = new_runner(world.log, store, 0, Limits(10, 2_000, 30))
    await runner.start()

    try:
        passed = await runner.advance()
    finally:
        runner.close()

    assert passed == 30
    assert (await store.position()).offset == 29


@awaited
async def test_at_the_end_of_the_log_what_came_is_committed_at_once() -> None:
    world, store = await World().create(), RecordingStore()
    await world.append([order("anna", DAY)])
    await fold_partition(world.log, store, 0, DEFAULT_LIMITS)
    end = await world.log.end_offset(0)

    assert (await store.position()).offset == end


@awaited
async def test_a_halt_commits_what_gathered_before_it() -> None:
    world, store = await up_to_due(), RecordingStore()
    records = world.log.storage.facts[0]
    at = next(i for i, record in enumerate(records) if record.offset > 40)
    records[at] = records[at]._replace(type="crm.weather.changed.v1")

    with pytest.raises(HaltedError, match=f"offset {at}"):
        await fold_partition(world.log, store, 0, DEFAULT_LIMITS)

    assert (await store.position()).offset == at - 1
