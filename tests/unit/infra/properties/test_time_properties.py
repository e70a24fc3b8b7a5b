"""What holds of every history: nothing comes from the future, from neighbours or from names."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer import state as states
from domain.customer.purchases import Purchases
from infra.stream.sequence import offset_of
from tests.support.given import DAY
from tests.support.histories import CUSTOMERS, Happening, arrivals, happenings, play
from tests.support.properties import DECISIONS, folded, published, slice_of, told
from tests.support.world import World, awaited

often = settings(max_examples=40)


def unlike(happening: Happening, number: int) -> Happening:
    """Another thing, happening at another time."""
    customer = CUSTOMERS[(CUSTOMERS.index(happening.customer) + number) % len(CUSTOMERS)]
    return happening._replace(
        customer=customer, wait=happening.wait + number % 3, amount=happening.amount + 1
    )


@often
@given(happenings, st.integers(0, 60))
@awaited
async def test_nothing_comes_from_the_future(history: list[Happening], cut: int) -> None:
    past = history[: cut + 1]
    future = [unlike(happening, number) for number, happening in enumerate(history[cut + 1 :])]
    world = await World().create(DECISIONS)
    await play(world.log, arrivals(past))
    await world.fold()
    end = await world.log.end_offset(0)

    for whole in (arrivals(history), arrivals([*past, *future])):
        later = await folded(whole)
        assert later.log.storage.facts[0][: end + 1] == world.log.storage.facts[0]
        until_then = [entry for entry in published(later) if offset_of(entry[1]) <= end]
        assert until_then == published(world)
        for customer_id, state in (await world.states()).items():
            assert slice_of(later.log, customer_id, up_to=end).state == state


@often
@given(happenings)
@awaited
async def test_personal_fields_leave_no_trace(history: list[Happening]) -> None:
    anna = await folded(arrivals(history, personal="Anna"))
    other = await folded(arrivals(history, personal="\u5b89\u5a1c, 07700 900123"))

    bytes_of_anna = [states.encode(state) for state in (await anna.states()).values()]
    assert [states.encode(state) for state in (await other.states()).values()] == bytes_of_anna
    assert published(other) == published(anna)
    assert await other.digest() == await anna.digest()


@often
@given(happenings, st.randoms(use_true_random=False))
@awaited
async def test_the_order_of_other_customers_facts_within_a_day_changes_nothing(
    history: list[Happening], random: Random
) -> None:
    as_they_came = arrivals(history)
    position = {name: random.random() for name in CUSTOMERS}
    customer_of = {
        entry.fact.id: what.customer for entry, what in zip(as_they_came, history, strict=True)
    }
    reordered = sorted(
        as_they_came, key=lambda entry: (entry.today, position[customer_of[entry.fact.id]])
    )

    first, second = await folded(as_they_came), await folded(reordered)

    assert await second.states() == await first.states()
    assert await second.digest() == await first.digest()


@often
@given(happenings)
@awaited
async def test_a_customer_does_not_feel_its_neighbours(history: list[Happening]) -> None:
    together = await folded(arrivals(history))
    calendar = arrivals(history)

    for customer_id, state in (await together.states()).items():
        alone = await World().create(DECISIONS)
        for arrival in calendar:
            await alone.log.advance(arrival.today)
            if arrival.fact.customer_id == customer_id:
                await alone.log.append([arrival.fact])
        await alone.log.advance(calendar[-1].today + 100)
        await alone.fold()

        assert await alone.states() == {customer_id: state}
        own = [data for _, data in told(together.said(), customer_id)]
        assert [data for _, data in told(alone.said(), customer_id)] == own


PURCHASE_DAYS = st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True).map(sorted)


def bought_on(days: list[int]) -> Purchases:
    purchases = Purchases()
    for day in days:
        purchases = purchases.with_order(DAY + day, DAY + day, 1_000)
    return purchases


@given(PURCHASE_DAYS, st.integers(0, 200), st.integers(0, 91))
def test_a_late_order_on_or_before_the_last_purchase_day_leaves_gaps_alone(
    days: list[int], back: int, late: int
) -> None:
    purchases = bought_on(days)
    _, last_day = purchases.span()

    after = purchases.with_order(last_day - back, last_day - back + max(late, back), 500)

    assert after.gaps == purchases.gaps
    assert (after.days, after.last_day) == (purchases.days, purchases.last_day)
    assert (after.orders, after.spent) == (purchases.orders + 1, purchases.spent + 500)


@given(PURCHASE_DAYS, st.integers(1, 200), st.integers(0, 91))
def test_a_late_order_after_the_last_purchase_day_counts_the_gap_that_an_order_on_time_would(
    days: list[int], gap: int, late: int
) -> None:
    purchases = bought_on(days)
    _, last_day = purchases.span()

    on_time = purchases.with_order(last_day + gap, last_day + gap, 500)
    after = purchases.with_order(last_day + gap, last_day + gap + late, 500)

    assert after.gaps == on_time.gaps
    assert after.gaps.count == purchases.gaps.count + 1
    assert (after.days, after.span()) == (on_time.days, on_time.span())
    assert after.spent_91 == pytest.approx(on_time.decayed_to(last_day + gap + late).spent_91)
