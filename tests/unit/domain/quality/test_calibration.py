"""Calibration against its definitions, label by label."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.quality.calibration import (
    Tenth,
    brier_score,
    expected_calibration_error,
    log_loss,
    tenths,
)

LABELLED = st.lists(
    st.tuples(st.booleans(), st.floats(-8, 8, allow_nan=False)), min_size=1, max_size=60
)
Labelled = list[tuple[bool, float]]


def sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def arrays(labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    churned = np.array([label for label, _ in labelled], dtype=np.bool_)
    return churned, np.array([score for _, score in labelled], dtype=np.float64)


def probabilities(labelled: Labelled) -> tuple[np.ndarray, np.ndarray]:
    return arrays([(label, sigmoid(log_odds)) for label, log_odds in labelled])


@given(LABELLED)
def test_log_loss_is_the_mean_surprise(labelled: Labelled) -> None:
    surprises = [
        -math.log(sigmoid(log_odds) if label else 1.0 - sigmoid(log_odds))
        for label, log_odds in labelled
    ]

    assert log_loss(*arrays(labelled)) == pytest.approx(math.fsum(surprises) / len(surprises))


@pytest.mark.parametrize(
    ("labelled", "loss"),
    [([(True, -1000.0)], 1000.0), ([(True, 1000.0)], 0.0), ([(False, 0.0)], math.log(2))],
)
def test_a_certain_error_costs_much_and_never_infinitely_much(
    labelled: Labelled, loss: float
) -> None:
    assert log_loss(*arrays(labelled)) == pytest.approx(loss)


@given(LABELLED)
def test_brier_is_the_mean_squared_distance(labelled: Labelled) -> None:
    distances = [(sigmoid(log_odds) - label) ** 2 for label, log_odds in labelled]

    assert brier_score(*probabilities(labelled)) == pytest.approx(
        math.fsum(distances) / len(distances)
    )


@given(LABELLED)
def test_tenths_are_of_equal_size_and_rise(labelled: Labelled) -> None:
    groups = tenths(*probabilities(labelled))

    if len(labelled) < 10:
        assert groups == ()
        return
    sizes = [group.labels for group in groups]
    assert sum(sizes) == len(labelled)
    assert max(sizes) - min(sizes) <= 1
    predicted = [group.predicted for group in groups]
    assert all(low <= high + 1e-12 for low, high in pairwise(predicted))
    churned = math.fsum(group.churned * group.labels for group in groups)
    assert churned == pytest.approx(sum(label for label, _ in labelled))


@given(LABELLED.filter(lambda labelled: len(labelled) >= 10))
def test_the_error_is_the_mean_distance_of_tenths_cut_by_hand(labelled: Labelled) -> None:
    ordered = sorted(probabilities(labelled)[1].tolist())
    by_probability = sorted(
        ((sigmoid(log_odds), place, label) for place, (label, log_odds) in enumerate(labelled))
    )
    assert [probability for probability, *_ in by_probability] == ordered
    each, longer = divmod(len(labelled), 10)
    distance, start = 0.0, 0
    for number in range(10):
        group = by_probability[start : start + each + (number < longer)]
        start += len(group)
        predicted = math.fsum(probability for probability, *_ in group)
        distance += abs(predicted - sum(label for *_, label in group))

    found = expected_calibration_error(tenths(*probabilities(labelled)))
    assert found == pytest.approx(distance / len(labelled), abs=1e-12)


def test_nothing_is_said_of_nothing() -> None:
    churned, probability = arrays([])

    assert tenths(churned, probability) == ()
    assert expected_calibration_error(()) is None
    assert log_loss(churned, probability) is None
    assert brier_score(churned, probability) is None


def test_an_error_weighs_groups_by_their_labels() -> None:
    groups = (Tenth(0.5, 0.5, 1), Tenth(0.2, 0.6, 3))

    assert expected_calibration_error(groups) == pytest.approx(0.3)
