"""What holds of every scheduled feed: slices, partitions, duplicates, the future, days that are missing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.customer.fold import CustomerFold
from domain.customer.slice import fold_slice
from domain.customer.slice_marks import SliceMarks
from domain.detection.metered_watch import unpack
from events.signals import SignalReason
from infra.archive.slices import slice_facts, slice_marks
from infra.stream.runner import Limits
from tests.support.given import DAY
from tests.support.metered_world import (
    CUSTOMERS,
    DAYS,
    SERVICE,
    Feed,
    feeds,
    folded,
    played,
    raised,
)
from tests.support.plain_slice import fold_every_record
from tests.support.properties import published, said, slice_of, told
from tests.support.world import PROJECTION, World, awaited

seldom = settings(max_examples=12)
OUTAGE = Feed(1, times={(customer, day): 0.0 for customer in CUSTOMERS for day in (64, 65)})
LATE_ONCE = Feed(late=frozenset({60, 66}))
LOST_ONCE = Feed(delay=2, lost=frozenset({60, 66}))


@seldom
@given(feeds, st.sampled_from([1, 4]))
@example(OUTAGE, 4)
@awaited
async def test_a_slice_folds_to_what_the_partition_folds_to(feed: Feed, partitions: int) -> None:
    world = await folded(feed, partitions)

    outputs = world.said()
    for customer_id, state in (await world.states()).items():
        own = slice_of(world.log, customer_id)
        assert own.state == state
        assert said(own) == told(outputs, customer_id)


@seldom
@given(feeds)
@example(OUTAGE)
@awaited
async def test_a_slice_folds_to_what_it_does_record_by_record(feed: Feed) -> None:
    world = await played(feed)
    records = world.log.storage.facts[0]
    marks = slice_marks([record for record in records if record.customer_id is None])
    fold = CustomerFold("GBP")
    for customer_id in {record.customer_id for record in records if record.customer_id}:
        own = slice_facts([record for record in records if record.customer_id == customer_id])
        quick = fold_slice(fold, customer_id, own, SliceMarks(marks, PROJECTION))

        assert quick == fold_every_record(fold, PROJECTION, customer_id, own, marks)


@pytest.mark.parametrize("limits", [Limits(1, 1), Limits(7, 7)], ids=str)
@awaited
async def test_commits_of_any_size_say_the_same(limits: Limits) -> None:
    world, reference = await folded(OUTAGE, 1, limits), await folded(OUTAGE)

    assert published(world) == published(reference)
    assert await world.digest() == await reference.digest()


@awaited
async def test_any_number_of_partitions_gives_the_same_digest() -> None:
    digests = {await (await folded(OUTAGE, partitions)).digest() for partitions in (1, 4, 64)}

    assert len(digests) == 1


@seldom
@given(feeds)
@awaited
async def test_duplicates_change_nothing(feed: Feed) -> None:
    once, twice = await played(feed), await played(feed)
    for today in range(DAYS + feed.delay):
        await twice.append(feed.arriving(today))
    await once.fold()
    await twice.fold()

    assert twice.log.storage.facts == once.log.storage.facts
    assert published(twice) == published(once)


@seldom
@given(feeds, st.integers(56, DAYS - 1), st.sampled_from((0.0, 3.0, 1000.0)))
@awaited
async def test_what_happens_later_changes_nothing_that_was_said(
    feed: Feed, day: int, times: float
) -> None:
    otherwise = feed._replace(
        times=dict(feed.times)
        | {(name, later): times for name in CUSTOMERS for later in range(day, DAYS)}
    )
    ours, theirs = await folded(feed), await folded(otherwise)

    assert before(ours, day) == before(theirs, day)


def before(world: World, day: int) -> list[bytes]:
    """All that was said before a day was opened."""
    return [record.data for record in world.said() if record.day and record.day <= DAY + day]


@seldom
@given(st.integers(0, 7), st.frozensets(st.integers(57, DAYS - 1)), st.booleans())
@example(0, frozenset({60, 66}), True)
@awaited
async def test_a_missing_feed_is_never_a_zero(delay: int, days: frozenset[int], lost: bool) -> None:
    feed = Feed(delay, lost=days) if lost else Feed(delay, late=days)

    world = await folded(feed)

    assert raised(world) == []
    # the day on which it was declared is not judged
    for state in (await world.states()).values():
        (watched,) = [entry for entry in state.consumption.services if entry.service == SERVICE]
        assert unpack(watched.watch).level.counted == DAYS - 1 - len(days)


@awaited
async def test_the_same_days_would_be_raised_if_they_counted_as_zeros() -> None:
    zeros = Feed(times={(customer, day): 0.0 for customer in CUSTOMERS[:2] for day in (60, 66)})

    world = await folded(zeros)

    assert [signal.reason for signal in raised(world)] == [SignalReason.CONSUMPTION_DROP] * 4


@pytest.mark.parametrize("feed", [LATE_ONCE, LOST_ONCE], ids=["late", "lost"])
@awaited
async def test_a_day_that_was_missing_stays_so(feed: Feed) -> None:
    world = await folded(feed)

    assert raised(world) == []


@awaited
async def test_without_a_schedule_nothing_is_watched() -> None:
    unscheduled = OUTAGE._replace(since=DAYS + 1)

    world = await folded(unscheduled)

    assert raised(world) == []
    for state in (await world.states()).values():
        assert {entry.watch for entry in state.consumption.services} == {b""}
        assert state.due_day() is None
