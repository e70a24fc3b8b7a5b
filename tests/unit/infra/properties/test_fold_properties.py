"""What holds of every history: slices, partitions, commits, duplicates, replays, crashes."""

from random import Random
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra.state.memory import MemoryStateStore
from infra.stream.runner import Limits
from tests.support.crashes import (
    CrashingPublisher,
    CrashingStore,
    crashing_stores,
    fold_through_crashes,
    fold_with_one_runner,
)
from tests.support.histories import Arrival, Happening, arrivals, happenings
from tests.support.properties import (
    ALL_QUIET,
    CAME_BACK,
    DECISIONS,
    QUIET_DAYS,
    folded,
    played,
    published,
    said,
    slice_of,
    told,
)
from tests.support.world import World, awaited, fold_partition

often, seldom = settings(max_examples=40), settings(max_examples=6)
LIMITS = [Limits(1, 1), Limits(7, 7), Limits(5_000, 2_000)]


@often
@given(happenings, st.sampled_from([1, 4]))
@example(CAME_BACK, 4)
@awaited
async def test_a_slice_folds_to_what_the_partition_folds_to(
    history: list[Happening], partitions: int
) -> None:
    world = await folded(arrivals(history), partitions)

    stored, outputs = await world.states(), world.said()
    for customer_id, state in stored.items():
        own = slice_of(world.log, customer_id)
        assert own.state == state
        assert said(own) == told(outputs, customer_id)


@often
@given(happenings)
@example(CAME_BACK)
@awaited
async def test_commits_of_any_size_publish_the_same_sequences(history: list[Happening]) -> None:
    worlds = [await folded(arrivals(history), 1, limits) for limits in LIMITS]

    assert len({await world.digest() for world in worlds}) == 1
    first, *others = [published(world) for world in worlds]
    assert others == [first, first]


@often
@given(happenings)
@example(CAME_BACK)
@awaited
async def test_what_is_not_scored_could_have_said_nothing(history: list[Happening]) -> None:
    sparing = await folded(arrivals(history))
    with patch("domain.customer.fold._may_change", return_value=True):
        always = await folded(arrivals(history))

    assert published(sparing) == published(always)
    assert await sparing.states() == await always.states()


@seldom
@given(happenings)
@example(CAME_BACK)
@awaited
async def test_any_number_of_partitions_gives_the_same_digest(history: list[Happening]) -> None:
    facts = arrivals(history)[:30]
    one, four, many = [await folded(facts, partitions) for partitions in (1, 4, 64)]

    assert await one.digest() == await four.digest() == await many.digest()
    assert await one.states() == await four.states() == await many.states()


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("partitions", [1, 4, 64])
@awaited
async def test_partitions_and_commits_together(partitions: int, limits: Limits) -> None:
    reference, same_partitions = (
        await folded(arrivals(CAME_BACK)),
        await folded(arrivals(CAME_BACK), partitions),
    )
    world = await folded(arrivals(CAME_BACK), partitions, limits)

    assert await world.digest() == await reference.digest()
    assert published(world) == published(same_partitions)


@often
@given(happenings, st.randoms(use_true_random=False))
@awaited
async def test_duplicates_change_nothing(history: list[Happening], random: Random) -> None:
    once = arrivals(history)
    again: list[Arrival] = []
    for number, arrival in enumerate(once):
        earlier = once[random.randrange(number + 1)]
        again += [arrival, Arrival(arrival.today, earlier.fact)]

    world, doubled = await folded(once), await folded(again)

    assert doubled.log.storage.facts == world.log.storage.facts
    assert published(doubled) == published(world)
    assert await doubled.digest() == await world.digest()


@often
@given(happenings)
@example(CAME_BACK)
@awaited
async def test_a_replay_gives_what_was_folded_live(history: list[Happening]) -> None:
    live = await World().create(DECISIONS)
    for arrival in arrivals(history):
        await live.log.advance(arrival.today)
        await live.fold()
        await live.log.append([arrival.fact])
        await live.fold()
    await live.log.advance(arrivals(history)[-1].today + QUIET_DAYS)
    await live.fold()

    replayed = await folded(arrivals(history))

    assert published(live) == published(replayed)
    assert await live.states() == await replayed.states()
    assert await live.digest() == await replayed.digest()


@often
@given(happenings, st.sampled_from(LIMITS), st.booleans())
@example(CAME_BACK, LIMITS[0], True)
@example(CAME_BACK, LIMITS[0], False)
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
    assert await store.position() == await calm.stores[0].position()


@often
@given(happenings, st.sampled_from(LIMITS))
@example(CAME_BACK, LIMITS[0])
@example(ALL_QUIET, LIMITS[1])
@awaited
async def test_publishing_that_breaks_off_halfway_changes_nothing(
    history: list[Happening], limits: Limits
) -> None:
    calm = await folded(arrivals(history))
    world = await played(arrivals(history))
    publisher = CrashingPublisher(world.log)

    await fold_through_crashes(publisher, world.stores[0], 0, limits)

    assert publisher.crashes > 0
    assert published(world) == published(calm)
    assert await world.states() == await calm.states()


@often
@given(happenings, st.sampled_from(LIMITS))
@example(CAME_BACK, LIMITS[0])
@awaited
async def test_the_same_runner_goes_on_after_an_error_as_if_nothing_had_been(
    history: list[Happening], limits: Limits
) -> None:
    calm = await folded(arrivals(history))
    world = await played(arrivals(history))
    store = CrashingStore(MemoryStateStore(), before=True)
    world.stores = [store]

    await fold_with_one_runner(CrashingPublisher(world.log), store, limits)

    assert published(world) == published(calm)
    assert await world.states() == await calm.states()


@often
@given(happenings, st.integers(0, 60))
@awaited
async def test_two_runners_in_turn_do_what_one_does(history: list[Happening], cut: int) -> None:
    one = await folded(arrivals(history))
    world = await World().create(DECISIONS)
    for number, arrival in enumerate(arrivals(history)):
        await world.log.advance(arrival.today)
        await world.log.append([arrival.fact])
        if number == cut:
            await fold_partition(world.log, world.stores[0])
    await world.log.advance(arrivals(history)[-1].today + QUIET_DAYS)
    await fold_partition(world.log, world.stores[0])

    assert published(world) == published(one)
    assert await world.states() == await one.states()
