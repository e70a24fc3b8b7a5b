"""When a silence is surprising: the formula, its deadline, and the life of a signal."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection import silence
from domain.detection.gaps import GapStatistics
from domain.detection.silence import SilenceWatch

D = 15_000
DAYS_BETWEEN = st.lists(st.integers(1, 400), min_size=3, max_size=40)


def gaps_of(gaps: list[int]) -> GapStatistics:
    statistics = GapStatistics()
    for gap in gaps:
        statistics = statistics.with_gap(gap)
    return statistics


def evidence(gaps: list[int], silent_days: int) -> float:
    """The formula of the specification, written down from the gaps themselves."""
    mean = square = 0.0
    for number, gap in enumerate(gaps, 1):
        weight = max(0.2, 1 / number)
        mean = (1 - weight) * mean + weight * gap
        square = (1 - weight) * square + weight * gap**2
    n = min(len(gaps), 9)
    spread = max(0.0, square / mean**2 - 1)
    k = 1 / ((n * spread + 4 * 0.6) / (n + 4))
    k = 0.8 if k < 0.8 else min(k, 6.0)
    grown = n * k * math.log(1 + silent_days / (n * mean))
    return grown - (k - 1) * math.log(1 + k * silent_days / mean)


@given(DAYS_BETWEEN, st.integers(1, 3_000))
def test_the_surprise_is_the_formula_of_the_specification(gaps: list[int], days: int) -> None:
    expected = evidence(gaps, days)

    assert silence.surprise(gaps_of(gaps), days) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(DAYS_BETWEEN)
def test_the_surprise_falls_at_most_once_and_then_rises_for_ever(gaps: list[int]) -> None:
    statistics = gaps_of(gaps)
    curve = [silence.surprise(statistics, days) for days in range(1, 2_000, 3)]

    rising = [later > earlier for earlier, later in pairwise(curve)]
    assert rising == sorted(rising), "False, a while perhaps, then True for ever"
    assert all(value <= 0 for value, up in zip(curve, rising, strict=False) if not up)


@given(DAYS_BETWEEN)
def test_the_deadline_is_the_first_day_above_the_threshold(gaps: list[int]) -> None:
    statistics = gaps_of(gaps)
    surprising = (D + days for days in range(1, 3_651) if silence.surprise(statistics, days) > 4.38)

    assert silence.deadline(statistics, D) == next(surprising, None)


def test_a_known_case_by_hand() -> None:
    weekly = gaps_of([7, 7, 7, 7])
    # n = 4, k = 1 / ((4 * 0 + 4 * 0.6) / 8) = 10 / 3; at 28 days, e / m = 4:
    by_hand = 4 * (10 / 3) * math.log(2) - (7 / 3) * math.log(1 + 40 / 3)

    assert silence.regularity(weekly) == pytest.approx(10 / 3)
    assert silence.surprise(weekly, 28) == pytest.approx(by_hand)


@pytest.mark.parametrize("seen", [[], [7], [7, 7]])
def test_nothing_is_surprising_below_three_gaps(seen: list[int]) -> None:
    assert silence.surprise(gaps_of(seen), 3_000) == 0.0
    assert silence.deadline(gaps_of(seen), D) is None


def test_no_silence_is_no_surprise() -> None:
    assert silence.surprise(gaps_of([7, 7, 7]), 0) == 0.0
    assert silence.surprise(gaps_of([7, 7, 7]), -3) == 0.0


def test_regularity_stays_between_its_bounds() -> None:
    assert silence.regularity(gaps_of([10] * 40)) == pytest.approx(1 / (4 * 0.6 / 13))
    assert silence.regularity(gaps_of([1, 1, 1, 1, 1, 1, 1, 1, 400])) == 0.8


def test_the_more_regular_the_sooner() -> None:
    regular, erratic = gaps_of([10] * 9), gaps_of([1, 1, 1, 40, 1, 1, 1, 40, 4])

    sooner, later = silence.deadline(regular, D), silence.deadline(erratic, D)
    assert sooner is not None
    assert later is not None
    assert sooner < later


def test_a_deadline_beyond_ten_years_is_none() -> None:
    assert silence.deadline(gaps_of([900, 900, 900]), D) is None
    assert silence.deadline(gaps_of([400, 400, 400, 400]), D) is not None


WEEKLY = gaps_of([7] * 9)
OFTEN = gaps_of([3] * 9)


def test_a_purchase_sets_the_day_to_look() -> None:
    watch = silence.after_purchase(SilenceWatch(), WEEKLY, D, D)

    assert watch == SilenceWatch(silence.deadline(WEEKLY, D), None, None)


def test_at_the_due_day_the_silence_stands() -> None:
    assert silence.at_due_day(SilenceWatch(D, None, D - 90), D) == SilenceWatch(None, D, D - 90)


def test_the_next_purchase_clears_it_and_a_cool_down_begins() -> None:
    watch = silence.after_purchase(SilenceWatch(None, D + 40, None), OFTEN, D + 60, D + 60)

    assert (watch.raised_day, watch.cleared_day) == (None, D + 60)
    assert silence.surprise(OFTEN, 20) > silence.RAISE_ABOVE, "surprising long before the 28 days"
    assert watch.due_day == D + 60 + 28


def test_a_purchase_in_the_cool_down_does_not_shorten_it() -> None:
    cleared = silence.after_purchase(SilenceWatch(None, D + 40, None), OFTEN, D + 60, D + 60)
    watch = silence.after_purchase(cleared, OFTEN, D + 61, D + 61)

    assert watch.due_day == D + 60 + 28


def test_after_the_cool_down_the_deadline_counts_again() -> None:
    cleared = silence.after_purchase(SilenceWatch(None, D + 40, None), WEEKLY, D + 60, D + 60)
    watch = silence.after_purchase(cleared, WEEKLY, D + 95, D + 95)

    assert watch.due_day == silence.deadline(WEEKLY, D + 95)


def test_a_late_purchase_that_leaves_the_silence_surprising_clears_nothing() -> None:
    raised = SilenceWatch(None, D + 20, None)
    assert silence.surprise(WEEKLY, 60 - 3) > silence.CLEAR_AT

    assert silence.after_purchase(raised, WEEKLY, D + 3, D + 60) == raised


def test_between_the_two_thresholds_a_standing_signal_is_cleared_only_below_the_lower() -> None:
    between = [
        days
        for days in range(1, 100)
        if silence.CLEAR_AT < silence.surprise(WEEKLY, days) <= silence.RAISE_ABOVE
    ]
    raised, today = SilenceWatch(None, D, None), D + 100

    for days in between:
        assert silence.after_purchase(raised, WEEKLY, today - days, today) == raised
    cleared = silence.after_purchase(raised, WEEKLY, today - between[0] + 1, today)
    assert cleared.raised_day is None


def test_a_late_purchase_whose_deadline_has_passed_is_looked_at_tomorrow() -> None:
    long_passed = silence.after_purchase(SilenceWatch(), WEEKLY, D, D + 90)

    assert long_passed == SilenceWatch(D + 91, None, None)


def test_figures_say_why() -> None:
    figures = silence.figures(WEEKLY, 35)

    assert (figures.days_since_order, figures.gaps_seen, figures.threshold) == (35, 9, 4.38)
    assert figures.usual_gap == pytest.approx(7.0)
    assert figures.surprise == silence.surprise(WEEKLY, 35)
    assert figures.regularity == silence.regularity(WEEKLY)
