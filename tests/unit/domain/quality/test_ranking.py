"""Rankings against their definitions, worked out pair by pair."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.quality.ranking import (
    area_under_curve,
    average_precision,
    share_within,
    tick_auc,
    top_tenth,
)

LABELLED = st.lists(
    st.tuples(st.booleans(), st.integers(-5, 5).map(lambda quarter: quarter / 4)), max_size=40
)
"""Few different scores, so that many are equal."""

Labelled = list[tuple[bool, float]]


def arrays(labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    churned = np.array([label for label, _ in labelled], dtype=np.bool_)
    return churned, np.array([score for _, score in labelled], dtype=np.float64)


def nearly(value: float | None) -> object:
    """What equals a number but for rounding; None equals only itself."""
    return None if value is None else pytest.approx(value, rel=1e-12)


def pairwise_area(labelled: Labelled) -> float | None:
    """By the definition: of all pairs of one who churned and one who did not, those in order."""
    positives = [score for label, score in labelled if label]
    negatives = [score for label, score in labelled if not label]
    if not positives or not negatives:
        return None
    wins = sum(
        Fraction(1) if high > low else Fraction(1, 2) if high == low else Fraction(0)
        for high in positives
        for low in negatives
    )
    return float(wins / (len(positives) * len(negatives)))


def precision_at_each(labelled: Labelled) -> float | None:
    """By the definition: the mean of the precision among those who score at least as high."""
    found = []
    for label, score in labelled:
        if label:
            above = [other for other, at in labelled if at >= score]
            found.append(Fraction(sum(above), len(above)))
    return float(sum(found) / len(found)) if found else None


@given(LABELLED)
def test_the_area_is_the_share_of_pairs_in_order(labelled: Labelled) -> None:
    assert area_under_curve(*arrays(labelled)) == nearly(pairwise_area(labelled))


@given(LABELLED)
def test_average_precision_is_the_mean_over_who_churned(labelled: Labelled) -> None:
    expected = precision_at_each(labelled)

    assert average_precision(*arrays(labelled)) == nearly(expected)


@given(LABELLED)
def test_turning_the_scores_round_turns_the_area_round(labelled: Labelled) -> None:
    churned, score = arrays(labelled)
    area, turned = area_under_curve(churned, score), area_under_curve(churned, -score)

    assert (area is None) == (turned is None)
    if area is not None and turned is not None:
        assert area + turned == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("churned", "score", "area"),
    [
        ([True, False], [2.0, 1.0], 1.0),
        ([True, False], [1.0, 2.0], 0.0),
        ([True, False], [1.0, 1.0], 0.5),
        ([True, False, False, True], [3.0, 2.0, 1.0, 2.0], 0.875),
        ([True, True], [1.0, 2.0], None),
        ([False], [1.0], None),
        ([], [], None),
    ],
)
def test_areas_worked_out_by_hand(
    churned: list[bool], score: list[float], area: float | None
) -> None:
    assert area_under_curve(*arrays(list(zip(churned, score, strict=True)))) == area


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3), st.integers(0, 4)), max_size=50))
def test_the_area_by_ticks_is_the_mean_over_weeks_with_either_kind(
    labelled: list[tuple[bool, int, int]],
) -> None:
    weeks = [
        [(label, float(score)) for label, score, week in labelled if week == w] for w in range(5)
    ]
    areas = [area for week in weeks if (area := pairwise_area(week)) is not None]
    churned, score = arrays([(label, float(score)) for label, score, _ in labelled])
    tick = np.array([week for *_, week in labelled], dtype=np.int64)

    expected = sum(areas) / len(areas) if areas else None
    assert tick_auc(churned, score, tick) == nearly(expected)


def test_a_score_that_only_knows_the_week_is_worth_nothing() -> None:
    churned = np.array([True, True, True, False, True, False, False, False])
    score = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    tick = np.array([0, 0, 0, 0, 1, 1, 1, 1])

    assert tick_auc(churned, score, tick) == 0.5
    assert area_under_curve(churned, score) == 0.75


def test_nobody_churned_leaves_no_average_precision() -> None:
    assert average_precision(*arrays([(False, 1.0), (False, 2.0)])) is None
    assert average_precision(*arrays([])) is None


@given(st.lists(st.integers(0, 9), max_size=60))
def test_the_top_tenth_are_the_highest_and_of_equals_the_first(values: list[int]) -> None:
    score = np.array(values, dtype=np.float64)

    expected = sorted(range(len(values)), key=lambda place: (-values[place], place))
    assert top_tenth(score).tolist() == expected[: len(values) // 10]


@pytest.mark.parametrize(("count", "tenth"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2)])
def test_a_tenth_is_rounded_down(count: int, tenth: int) -> None:
    assert len(top_tenth(np.arange(float(count)))) == tenth


def test_a_share_is_the_part_of_the_sum_that_stands_there() -> None:
    amounts = np.array([1.0, 0.0, 3.0, 4.0])

    assert share_within(np.array([2, 1]), amounts) == 0.375
    assert share_within(np.array([], dtype=np.int64), amounts) is None
    assert share_within(np.array([0]), np.zeros(4)) is None
