"""When a churn risk is raised and cleared: hysteresis, cool-down, gone; whose turn is when."""

import struct
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.churn import (
    CLEAR_BELOW,
    COOL_DOWN_DAYS,
    RAISE_AT,
    ChurnWatch,
    LastLook,
    after_score,
    is_active,
    next_turn,
    weekday_of,
)
from domain.detection.churn_recipe import INPUTS
from events.values import CustomerId
from tests.support.given import DAY, id_of

CALM = ChurnWatch(due_day=DAY + 3, segment=1)
RAISED = msgspec.structs.replace(CALM, raised_day=DAY - 9)
BELOW = 0.849_999_9


def looked_at(
    watch: ChurnWatch,
    log_odds: float,
    today: int = DAY,
    last_day: int = DAY - 40,
    *,
    may_raise: bool = True,
) -> ChurnWatch:
    return after_score(watch, log_odds, last_day=last_day, today=today, may_raise=may_raise)


def test_the_thresholds_are_seventy_and_fifty_five_per_cent() -> None:
    assert (RAISE_AT, CLEAR_BELOW, COOL_DOWN_DAYS) == (0.85, 0.2, 28)


def test_a_risk_is_raised_from_the_upper_threshold_on() -> None:
    assert looked_at(CALM, BELOW) is CALM
    assert looked_at(CALM, 0.85) == msgspec.structs.replace(CALM, raised_day=DAY)


@pytest.mark.parametrize("log_odds", [0.2, 0.5, 0.85, 9.0])
def test_a_risk_that_stands_does_so_down_to_the_lower_threshold(log_odds: float) -> None:
    assert looked_at(RAISED, log_odds) is RAISED


def test_below_the_lower_threshold_it_is_cleared() -> None:
    cleared = msgspec.structs.replace(CALM, raised_day=None, cleared_day=DAY)

    assert looked_at(RAISED, 0.199_999_9) == cleared


def test_between_the_thresholds_nothing_changes_either_way() -> None:
    for watch in (CALM, RAISED):
        assert looked_at(watch, 0.5) is watch


def test_after_it_was_cleared_nothing_is_raised_for_four_weeks() -> None:
    rested = msgspec.structs.replace(CALM, cleared_day=DAY - 28)
    resting = msgspec.structs.replace(CALM, cleared_day=DAY - 27)

    assert looked_at(resting, 5.0) is resting
    assert looked_at(rested, 5.0).raised_day == DAY


def test_a_whole_horizon_without_a_purchase_clears_whatever_the_score() -> None:
    assert looked_at(RAISED, 9.0, last_day=DAY - 91) is RAISED

    gone = looked_at(RAISED, 9.0, last_day=DAY - 92)
    assert (gone.raised_day, gone.cleared_day) == (None, DAY)


def test_of_who_is_gone_nothing_is_raised() -> None:
    assert looked_at(CALM, 9.0, last_day=DAY - 92) is CALM
    assert looked_at(CALM, 9.0, last_day=DAY - 91).raised_day == DAY


def test_a_model_that_may_not_raise_clears_all_the_same() -> None:
    assert looked_at(CALM, 9.0, may_raise=False) is CALM
    assert looked_at(RAISED, 9.0, may_raise=False) is RAISED
    assert looked_at(RAISED, -9.0, may_raise=False).cleared_day == DAY


def test_active_is_who_bought_within_thirteen_weeks() -> None:
    assert [is_active(DAY - days, DAY) for days in (0, 91, 92)] == [True, True, False]


SCORES = st.lists(st.tuples(st.integers(0, 9), st.floats(-3.0, 3.0), st.booleans()), max_size=60)


@given(SCORES)
def test_whatever_the_scores_raised_and_cleared_take_turns_four_weeks_apart(
    scores: list[tuple[int, float, bool]],
) -> None:
    watch, today, last_day = CALM, DAY, DAY
    for days, log_odds, bought in scores:
        today += days
        last_day = today if bought else last_day
        before, watch = watch, looked_at(watch, log_odds, today, last_day)

        if before.raised_day is None and watch.raised_day is not None:
            assert (watch.raised_day, log_odds >= RAISE_AT) == (today, True)
            assert before.cleared_day is None or today - before.cleared_day >= 28
        if before.raised_day is not None and watch.raised_day is None:
            assert watch.cleared_day == today
            assert log_odds < CLEAR_BELOW or today - last_day > 91
        assert (watch.due_day, watch.segment, watch.last_look) == (DAY + 3, 1, None)


@given(st.lists(st.floats(-3.0, 3.0), max_size=40))
def test_a_score_that_never_leaves_the_band_says_nothing_twice(scores: list[float]) -> None:
    watch = looked_at(CALM, 1.0)
    for log_odds in (0.2 + abs(score) for score in scores):
        assert looked_at(watch, log_odds) is watch


def test_the_weekday_is_a_literal_function_of_the_id() -> None:
    weekdays = [weekday_of(id_of(name)) for name in ("anna", "bert", "cleo", "dora", "emil")]

    assert weekdays == [2, 3, 5, 6, 4]
    assert DAY % 7 == 6


def test_weekdays_are_spread_evenly() -> None:
    days = Counter(weekday_of(id_of(f"customer {number}")) for number in range(7_000))

    assert sorted(days) == list(range(7))
    assert all(900 < count < 1_100 for count in days.values())


@pytest.mark.parametrize(
    ("today", "turn"), [(0, 3), (1, 3), (2, 3), (3, 10), (4, 10), (9, 10), (10, 17)]
)
def test_a_turn_is_the_first_weekday_after_today(today: int, turn: int) -> None:
    assert next_turn(id_of("anna"), DAY + today) == DAY + turn


@given(st.uuids(), st.integers(-10_000, 40_000))
def test_a_turn_comes_within_a_week_on_the_weekday_before_1970_too(
    customer: object, today: int
) -> None:
    customer_id = CustomerId(str(customer))

    turn = next_turn(customer_id, today)

    assert 1 <= turn - today <= 7
    assert turn % 7 == weekday_of(customer_id)
    assert next_turn(customer_id, turn) == turn + 7


INPUT_VALUES = st.tuples(*[st.floats(-30.0, 60.0)] * len(INPUTS))


@given(INPUT_VALUES)
def test_a_look_keeps_its_inputs_as_thirty_two_bit_floats(inputs: tuple[float, ...]) -> None:
    look = LastLook.of(DAY, 0.1, inputs)

    singles = tuple(struct.unpack("<f", struct.pack("<f", value))[0] for value in inputs)
    assert look.inputs() == singles
    assert (look.day, look.log_odds, len(look.packed)) == (DAY, 0.1, 4 * 17)
    assert look.inputs() == pytest.approx(inputs, abs=4e-6)


def test_a_look_of_another_number_of_inputs_is_refused() -> None:
    with pytest.raises(struct.error):
        LastLook.of(DAY, 0.1, (1.0,) * 16)


def test_a_watch_comes_back_from_its_bytes() -> None:
    look = LastLook.of(DAY, -0.25, tuple(float(number) for number in range(17)))
    watch = ChurnWatch(DAY + 3, DAY, DAY - 90, 2, look)

    data = msgspec.msgpack.encode(watch)

    assert msgspec.msgpack.decode(data, type=ChurnWatch) == watch
    assert len(data) < 110
