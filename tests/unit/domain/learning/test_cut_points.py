"""Cut points from decayed histograms: close to the true quantiles, forgetting, and restorable."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.cut_points import (
    BIN_RATIO,
    CutPointsKept,
    CutPointsState,
    DecayedHistogram,
    HistogramState,
)
from events import codec
from events.models import CutPoints

STAKES = st.floats(0.0, 1e14)
VALUES = st.floats(1.0, 1e13)
HALF_A_BIN = BIN_RATIO**0.5 - 1 + 1e-9


def histogram(values: list[float], least: float = 1.0, most: float = 1e13) -> DecayedHistogram:
    counted = DecayedHistogram(least, most)
    for value in values:
        counted.add(value)
    return counted


@given(st.lists(VALUES, min_size=1, max_size=60), st.sampled_from([0.01, 0.2, 0.5, 0.8, 1.0]))
def test_a_quantile_is_within_half_a_bin_of_the_true_one(values: list[float], q: float) -> None:
    true = sorted(values)[max(0, math.ceil(q * len(values) - 1e-9) - 1)]

    assert histogram(values).quantile(q) == pytest.approx(true, rel=HALF_A_BIN)


def test_quantiles_of_a_hundred_values() -> None:
    hundred = histogram([float(value) for value in range(1, 101)])

    assert hundred.quantile(0.5) == pytest.approx(50.0, rel=HALF_A_BIN)
    assert hundred.quantile(0.8) == pytest.approx(80.0, rel=HALF_A_BIN)
    assert hundred.quantile(1.0) == pytest.approx(100.0, rel=HALF_A_BIN)


def test_what_is_below_the_least_counts_as_nothing() -> None:
    counted = histogram([0.0, 0.5, 0.999, 1_000.0])

    assert counted.quantile(0.75) == 0.0
    assert counted.quantile(0.76) == pytest.approx(1_000.0, rel=HALF_A_BIN)
    assert histogram([0.5], least=0.01).quantile(0.5) == pytest.approx(0.5, rel=HALF_A_BIN)


def test_the_least_itself_is_counted_as_something() -> None:
    assert histogram([1.0]).quantile(0.5) == pytest.approx(1.0, rel=HALF_A_BIN)
    assert histogram([0.01], least=0.01).quantile(0.5) == pytest.approx(0.01, rel=HALF_A_BIN)


@pytest.mark.parametrize("value", [1e13, 1e14, 1e300, math.inf])
def test_what_is_beyond_the_most_stands_in_the_last_bin(value: float) -> None:
    last = histogram([value]).quantile(0.5)

    assert last == pytest.approx(1e13, rel=2 * HALF_A_BIN)


@pytest.mark.parametrize("value", [-0.01, -math.inf, math.nan])
def test_a_value_below_zero_or_none_at_all_is_refused(value: float) -> None:
    counted = histogram([5.0])

    with pytest.raises(ValueError, match="is no value at or above 0"):
        counted.add(value)

    assert counted.state() == histogram([5.0]).state()


def test_an_empty_histogram_has_no_quantiles() -> None:
    assert histogram([]).is_empty
    assert not histogram([0.0]).is_empty
    with pytest.raises(ValueError, match="nothing is counted"):
        histogram([]).quantile(0.5)


def test_after_a_half_life_a_value_counts_half() -> None:
    counted = histogram([7.0, 7.0])
    for _ in range(28):
        counted.pass_day()

    ((_, count),) = counted.state().bins
    assert count == pytest.approx(1.0)


def test_what_is_new_outweighs_what_was() -> None:
    counted = histogram([10.0] * 100)
    for _ in range(28):
        counted.pass_day()
    for _ in range(49):
        counted.add(1_000.0)
    assert counted.quantile(0.5) == pytest.approx(10.0, rel=HALF_A_BIN)

    counted.add(1_000.0)
    counted.add(1_000.0)
    assert counted.quantile(0.5) == pytest.approx(1_000.0, rel=HALF_A_BIN)


def test_passing_days_alone_moves_no_quantile() -> None:
    counted = histogram([float(value) for value in range(1, 101)])
    before = [counted.quantile(q / 10) for q in range(1, 11)]
    for _ in range(100):
        counted.pass_day()

    assert [counted.quantile(q / 10) for q in range(1, 11)] == before


def test_what_has_decayed_to_a_millionth_is_forgotten() -> None:
    counted = histogram([7.0])
    for _ in range(558):
        counted.pass_day()
    assert not counted.is_empty

    counted.pass_day()
    assert counted.is_empty
    assert counted.state() == HistogramState()


def test_a_state_holds_the_bins_that_are_not_empty_alone() -> None:
    assert histogram([]).state() == HistogramState(())
    assert histogram([0.0, 0.0, 1.0, 1.06]).state() == HistogramState(
        ((0, 2.0), (1, 1.0), (2, 1.0))
    )


@given(st.lists(st.tuples(STAKES, st.floats(0.0, 91.0))), st.lists(st.tuples(STAKES, STAKES)))
def test_kept_in_a_state_and_taken_up_again_it_goes_on_bit_by_bit(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    whole = CutPointsKept()
    counted(whole, before)
    data = codec.encode(whole.state())
    resumed = CutPointsKept(msgspec.json.decode(data, type=CutPointsState))

    counted(whole, after)
    counted(resumed, after)

    assert codec.encode(resumed.state()) == codec.encode(whole.state())
    assert resumed.cut_points() == whole.cut_points()


def counted(kept: CutPointsKept, customers: list[tuple[float, float]]) -> None:
    """Three customers a day, then the day passes."""
    for number, (stake, volume) in enumerate(customers):
        kept.add(stake, volume)
        if number % 3 == 2:
            kept.pass_day()


def test_before_the_first_snapshot_there_are_no_cut_points() -> None:
    kept = CutPointsKept()
    assert kept.cut_points() is None

    kept.pass_day()
    assert kept.cut_points() is None
    assert kept.state() == CutPointsState()


def test_cut_points_are_medians_and_upper_fifths_of_stake_and_volume() -> None:
    kept = CutPointsKept()
    for number in range(1, 101):
        kept.add(1_000.0 * number, 0.05 * number)

    assert msgspec.structs.asdict(kept.cut_points() or CutPoints(0, 0, 0, 0)) == pytest.approx(
        {
            "stake_middle": 50_000.0,
            "stake_high": 80_000.0,
            "volume_middle": 2.5,
            "volume_high": 4.0,
        },
        rel=HALF_A_BIN,
    )


def test_where_most_have_nothing_at_stake_the_middle_is_nothing() -> None:
    kept = CutPointsKept()
    for number in range(10):
        kept.add(0.0 if number < 6 else 5_000.0, 1.0)

    points = kept.cut_points()

    assert points is not None
    assert points.stake_middle == 0.0
    assert points.stake_high == pytest.approx(5_000.0, rel=HALF_A_BIN)


@given(st.lists(st.tuples(STAKES, STAKES), min_size=1))
def test_the_high_one_is_never_below_the_middle_one(customers: list[tuple[float, float]]) -> None:
    kept = CutPointsKept()
    counted(kept, customers)

    points = kept.cut_points()

    assert points is not None
    assert 0.0 <= points.stake_middle <= points.stake_high
    assert 0.0 <= points.volume_middle <= points.volume_high


def test_the_state_of_a_large_firm_is_small() -> None:
    kept = CutPointsKept()
    for number in range(20_000):
        kept.add(math.exp(number % 1_000 / 50), 0.05 * (number % 100))

    assert len(codec.encode(kept.state())) < 12_000
