"""Gaps between purchase days."""

import math

import pytest

from domain.detection.gaps import GapStatistics


def gaps_of(*gaps: int) -> GapStatistics:
    statistics = GapStatistics()
    for gap in gaps:
        statistics = statistics.with_gap(gap)
    return statistics


def test_the_first_gap_is_the_mean() -> None:
    first = gaps_of(12)

    assert (first.count, first.mean, first.mean_square) == (1, 12.0, 144.0)
    assert first.mean_log == math.log1p(12)


def test_up_to_five_gaps_weigh_the_same() -> None:
    young = gaps_of(9, 12, 9, 12, 33)

    assert young.count == 5
    assert young.mean == pytest.approx((9 + 12 + 9 + 12 + 33) / 5)
    assert young.mean_square == pytest.approx((81 + 144 + 81 + 144 + 33 * 33) / 5)


def test_from_the_sixth_on_the_newest_weighs_a_fifth() -> None:
    old, changed = gaps_of(10, 10, 10, 10, 10, 10), gaps_of(10, 10, 10, 10, 10, 10, 60)

    assert old.mean == pytest.approx(10.0)
    assert changed.mean == pytest.approx(10 + 0.2 * 50)
    assert changed.mean_square == pytest.approx(100 + 0.2 * (3_600 - 100))


def test_the_logarithm_of_the_newest_gap_weighs_three_tenths() -> None:
    two = gaps_of(6, 20)

    assert two.mean_log == pytest.approx(math.log(7) + 0.3 * (math.log(21) - math.log(7)))


def test_equal_gaps_have_no_spread() -> None:
    regular = gaps_of(*[14] * 30)

    assert regular.mean_square / regular.mean**2 == pytest.approx(1.0)
