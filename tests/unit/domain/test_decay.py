"""Decay in whole days, from tables."""

import math

import pytest

from domain.decay import DECAY_14, DECAY_91, DECAY_182, TABLE_DAYS, Decay


@pytest.mark.parametrize(("decay", "half_life"), [(DECAY_14, 14), (DECAY_91, 91), (DECAY_182, 182)])
def test_after_a_half_life_a_half_is_left(decay: Decay, half_life: int) -> None:
    assert decay.factor(0) == 1.0
    assert decay.factor(half_life) == 0.5
    assert decay.factor(2 * half_life) == 0.25
    assert decay.factor(3 * half_life) == 0.125


def test_every_factor_of_a_table_is_the_formula() -> None:
    for days in range(TABLE_DAYS):
        assert DECAY_91.factor(days) == 2.0 ** (-days / 91)


def test_beyond_the_table_nothing_is_left() -> None:
    assert DECAY_182.factor(TABLE_DAYS - 1) == pytest.approx(1.7e-7, rel=0.1)
    assert DECAY_182.factor(TABLE_DAYS) == 0.0
    assert DECAY_182.factor(10**9) == 0.0


def test_a_sum_does_not_decay_backwards() -> None:
    with pytest.raises(ValueError, match="-1 days have not passed yet"):
        DECAY_14.factor(-1)


def test_steady_divides_one_a_day_back_into_about_one() -> None:
    for days in (30, 91, 400):
        kept = sum(DECAY_91.factor(age) for age in range(days))
        assert kept / DECAY_91.steady(days) == pytest.approx(1.0, rel=0.005)


def test_steady_is_the_integral_of_the_decay() -> None:
    assert DECAY_14.steady(0) == 0.0
    assert DECAY_14.steady(14) == pytest.approx(0.5 * 14 / math.log(2))
    assert DECAY_14.steady(100_000) == pytest.approx(14 / math.log(2))
