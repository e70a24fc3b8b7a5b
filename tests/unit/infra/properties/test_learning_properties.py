"""What holds of every history where scores are given by models: decided ones, and learned ones."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.detection.day_model import START
from events.calendar import day_number
from events.control import ModelDecided
from events.signals import ClearedBecause, RiskCleared, RiskRaised, RiskStanding, SignalReason
from events.snapshots import SnapshotTaken
from infra.stream.runner import Limits
from infra.stream.sequence import offset_of
from tests.support.crashes import CrashingPublisher, crashing_stores, fold_through_crashes
from tests.support.histories import Arrival, Happening, arrivals, happenings, play, regular
from tests.support.properties import CAME_BACK, folded, published, said, slice_of, told
from tests.support.world import PROJECTION, World, awaited, decoded

seldom = settings(max_examples=10)
NAMES = ("anna", "bert", "cleo", "dora", "emil")
SILENCE = 100
STAYING_AND_LEAVING = [
    *regular(NAMES, gap=9, times=8),
    *regular(NAMES[:3], gap=11, times=9),
    Happening("emil", 2, 0, "order", 300),
]
"""Two customers stop after ten weeks, one of them for three months; labels mature on the way."""


async def learned(history: Sequence[Arrival], partitions: int = 1, silence: int = SILENCE) -> World:
    """A world that has folded a history and learned from it.

    Whoever opens a single day waits for no model, so what is there is learned before that is done.
    """
    world = await World(partitions).create_learning()
    for arrival in history:
        if world.open_day() == arrival.today - 1:
            await world.fold()
        await world.log.advance(arrival.today)
        await world.log.append([arrival.fact])
    if silence:
        await world.log.advance(history[-1].today + silence)
    await world.fold()
    return world


def decided(world: World) -> list[ModelDecided]:
    """The models that were decided, in the order of days."""
    assert world.log.head is not None
    return list(world.log.head.decisions[PROJECTION])


def snapshots(world: World) -> list[SnapshotTaken]:
    return [event for event in map(decoded, world.said()) if isinstance(event, SnapshotTaken)]


@awaited
async def test_in_the_worlds_of_these_properties_risks_are_raised_cleared_and_stand() -> None:
    world = await folded(arrivals(CAME_BACK))

    events = [decoded(record) for record in world.said()]

    assert [event for event in events if isinstance(event, RiskRaised)]
    cleared = {event.because for event in events if isinstance(event, RiskCleared)}
    assert cleared == set(ClearedBecause)
    standing = {event.reason for event in events if isinstance(event, RiskStanding)}
    assert standing == {SignalReason.CHURN_RISK, SignalReason.UNUSUALLY_QUIET}
    assert len({snapshot.model for snapshot in snapshots(world)}) > 3


@awaited
async def test_labels_teach_a_horizon_after_the_sixth_week_and_not_before() -> None:
    world = await learned(arrivals(STAYING_AND_LEAVING))
    first = arrivals(STAYING_AND_LEAVING)[0].today

    taught = [
        day_number(entry.day) - first
        for entry in decided(world)
        if entry.model is not None and entry.model.labels > 0
    ]

    # the first snapshots that teach are of day 42 or later; what they teach is decided for tomorrow
    assert 42 + 91 + 1 <= min(taught) <= 42 + 91 + 7
    *_, last = [entry.model for entry in decided(world) if entry.model is not None]
    assert last.labels > 50
    assert last.first_label_day is not None
    assert day_number(last.first_label_day) - first == min(taught) - 92


@awaited
async def test_every_day_is_scored_by_the_model_decided_for_it() -> None:
    world = await learned(arrivals(STAYING_AND_LEAVING))
    assert world.log.head is not None

    names = {snapshot.day: snapshot.model for snapshot in snapshots(world)}

    assert len(set(names.values())) > 100
    first_day = min(names)
    assert names[first_day] == START.version, "nothing was decided by anything yet"


@seldom
@given(happenings, st.sampled_from([1, 4]))
@example(STAYING_AND_LEAVING, 1)
@awaited
async def test_a_slice_folds_to_what_the_partition_folds_to_with_learned_models(
    history: list[Happening], partitions: int
) -> None:
    world = await learned(arrivals(history), partitions)

    outputs = world.said()
    for customer_id, state in (await world.states()).items():
        own = slice_of(world.log, customer_id)
        assert own.state == state
        assert said(own) == told(outputs, customer_id)


@pytest.mark.parametrize("partitions", [2, 4])
@awaited
async def test_any_number_of_partitions_learns_the_same(partitions: int) -> None:
    one = await learned(arrivals(STAYING_AND_LEAVING))
    many = await learned(arrivals(STAYING_AND_LEAVING), partitions)

    assert decided(many) == decided(one)
    assert await many.states() == await one.states()
    assert await many.digest() == await one.digest()


@seldom
@given(happenings, happenings, st.integers(0, 20))
@awaited
async def test_what_is_decided_for_a_day_knows_nothing_of_later_days(
    past: list[Happening], future: list[Happening], cut: int
) -> None:
    known = past[: cut + 1]
    later = [future[0]._replace(wait=future[0].wait + 1), *future[1:20]]
    begun = await learned(arrivals(known), silence=0)
    end, stands = arrivals(known)[-1].today, await begun.log.end_offset(0)

    whole = await learned(arrivals([*known, *later]))

    up_to_now = [entry for entry in decided(whole) if day_number(entry.day) <= end + 1]
    assert up_to_now == decided(begun)
    until_then = [entry for entry in published(whole) if offset_of(entry[1]) <= stands]
    assert until_then == published(begun)


@seldom
@given(happenings)
@example(STAYING_AND_LEAVING)
@awaited
async def test_what_was_learned_from_day_to_day_is_learned_again_in_a_replay(
    history: list[Happening],
) -> None:
    facts = arrivals(history)
    live = await World().create_learning()
    for arrival in facts:
        await live.log.advance(arrival.today)
        await live.log.append([arrival.fact])
        await live.fold()
    for day in range(facts[-1].today + 1, facts[-1].today + SILENCE + 1):
        await live.log.advance(day)
        await live.fold()

    replayed = await learned(facts)

    assert decided(live) == decided(replayed)
    assert await live.states() == await replayed.states()
    assert await live.digest() == await replayed.digest()


@pytest.mark.parametrize("before", [True, False])
@awaited
async def test_crashes_of_the_fold_leave_what_is_learned_alone(before: bool) -> None:
    calm = await learned(arrivals(STAYING_AND_LEAVING))
    world = await World().create_learning()
    await play(world.log, arrivals(STAYING_AND_LEAVING), SILENCE)
    (store,) = crashing_stores(1, before=before)
    world.stores = [store]

    publisher = CrashingPublisher(world.log)
    await fold_through_crashes(publisher, store, 0, Limits(50, 2), world.decide_next)
    while await world.decide_next():
        pass

    assert store.crashes > 0
    assert publisher.crashes > 0
    assert decided(world) == decided(calm)
    assert published(world) == published(calm)
