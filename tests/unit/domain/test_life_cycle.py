"""Stages of a customer's life, by literal histories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.life_cycle import life_cycle
from domain.customer.purchases import Purchases
from domain.customer.stake import spend_trend
from events.profiles import LifeCycle, LifeStage
from events.signals import ValueSegment

D = 15_000
HIGH, MEDIUM, LOW = ValueSegment.HIGH, ValueSegment.MEDIUM, ValueSegment.LOW
History = dict[int, int]


def bought(history: History) -> Purchases:
    purchases = Purchases()
    for day, amount in history.items():
        purchases = purchases.with_order(D + day, D + day, amount)
    return purchases


def every(days: int, until: int, amount: int = 1_000, start: int = 0) -> History:
    return dict.fromkeys(range(start, until + 1, days), amount)


def lived(history: History, today: int, segment: ValueSegment | None = None) -> LifeCycle:
    found = life_cycle(bought(history), segment, D + today)
    assert found is not None
    return found


RISEN = every(7, 364) | every(7, 455, 2_000, start=371)
FALLEN = every(7, 364) | every(7, 455, 400, start=371)

STAGES = [
    # history, today, stage
    ({0: 500}, 0, LifeStage.NEW),
    ({0: 500}, 91, LifeStage.NEW),
    ({0: 500}, 92, LifeStage.DORMANT),
    ({0: 500}, 182, LifeStage.DORMANT),
    ({0: 500}, 183, LifeStage.GONE),
    ({0: 500}, 9_000, LifeStage.GONE),
    ({0: 500, 90: 500}, 91, LifeStage.NEW),
    ({0: 500, 90: 500}, 92, LifeStage.STEADY),
    (every(7, 364), 364, LifeStage.STEADY),
    (every(7, 364), 392, LifeStage.STEADY),
    (every(7, 364), 406, LifeStage.DECLINING),  # by its silence alone
    (every(7, 364), 456, LifeStage.DORMANT),
    (every(7, 364), 547, LifeStage.GONE),
    (RISEN, 455, LifeStage.GROWING),
    (FALLEN, 455, LifeStage.DECLINING),
    (every(7, 364) | {600: 1_000}, 600, LifeStage.DECLINING),  # back after it was gone
    (every(7, 364) | {600: 50_000}, 600, LifeStage.GROWING),
    (every(30, 720), 735, LifeStage.STEADY),  # between two monthly orders
    (every(30, 720), 749, LifeStage.STEADY),
    ({0: 0, 100: 0}, 120, LifeStage.STEADY),  # nothing to tell a trend by
]


@pytest.mark.parametrize(("history", "today", "stage"), STAGES)
def test_a_stage_is_told_by_silence_age_and_trend(
    history: History, today: int, stage: LifeStage
) -> None:
    assert lived(history, today).stage is stage


def test_who_never_bought_has_no_life_cycle() -> None:
    assert life_cycle(Purchases(), None, D) is None
    assert life_cycle(Purchases().with_return(D, D, 100), LOW, D + 3) is None


def test_the_trend_is_that_of_the_stake_less_one() -> None:
    purchases = bought(RISEN)
    cycle = life_cycle(purchases, None, D + 460)

    assert cycle is not None
    assert cycle.trend == spend_trend(purchases, D + 460) - 1.0
    assert cycle.trend > 0.1
    assert cycle.days_since_order == 5


def test_without_spend_there_is_no_trend() -> None:
    assert lived({0: 0}, 3).trend is None


POTENTIAL = [
    # history, today, segment, potential high value
    (RISEN, 455, LOW, True),
    (RISEN, 455, MEDIUM, True),
    (RISEN, 455, HIGH, False),  # it is already
    (RISEN, 455, None, False),
    (FALLEN, 455, LOW, False),
    (every(7, 364), 364, LOW, False),  # steady
    (every(10, 20), 20, LOW, True),  # new, and back twice
    (every(10, 20), 48, LOW, True),
    (every(10, 20), 49, LOW, False),  # new, but silent for more than four weeks
    ({0: 500, 10: 500}, 10, LOW, False),  # two days tell no rise
    ({0: 100, 300: 90_000}, 300, LOW, False),
    (every(7, 364), 500, LOW, False),  # dormant
]


@pytest.mark.parametrize(("history", "today", "segment", "expected"), POTENTIAL)
def test_a_small_customer_who_rises_may_become_a_great_one(
    history: History, today: int, segment: ValueSegment | None, expected: bool
) -> None:
    assert lived(history, today, segment).potential_high_value is expected


def test_one_large_order_is_growth_but_no_potential() -> None:
    cycle = lived({0: 100, 300: 90_000}, 300, LOW)

    assert (cycle.stage, cycle.potential_high_value) == (LifeStage.GROWING, False)


days = st.lists(st.integers(0, 700), min_size=1, max_size=10, unique=True).map(sorted)
amounts = st.integers(0, 10**8)


@given(days, amounts, st.integers(0, 900), st.sampled_from([None, LOW, MEDIUM, HIGH]))
def test_every_buyer_has_a_stage_that_its_silence_allows(
    bought_on: list[int], amount: int, silent: int, segment: ValueSegment | None
) -> None:
    cycle = lived(dict.fromkeys(bought_on, amount), bought_on[-1] + silent, segment)

    assert cycle.days_since_order == silent
    assert (cycle.stage is LifeStage.GONE) == (silent > 182)
    assert (cycle.stage is LifeStage.DORMANT) == (91 < silent <= 182)
    if cycle.potential_high_value:
        assert segment in {LOW, MEDIUM}
        assert len(bought_on) >= 3
        assert cycle.stage in {LifeStage.NEW, LifeStage.GROWING}
