"""Log-odds and contributions: by hand, and one row or many with the same bits."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.scoring import Scorer, log_loss, probability
from events.models import LinearScorer
from tests.unit.domain.learning.learning_given import (
    Row,
    bits,
    made_up_labels,
    rows_of,
    scorers,
)

LINEAR = LinearScorer(
    inputs=("recency", "purchases", "spend"),
    means=(10.0, 0.0, 5.0),
    scales=(0.5, 2.0, 0.0),
    weights=(0.75, -0.5, 3.0),
    intercept=-1.0,
    clip=4.0,
)
WIDTH = 6
SEEN_BEFORE_RIVER = """
import sys
import domain.learning.admission, domain.learning.cut_points, domain.learning.labels
import domain.learning.model, domain.learning.scoring
print(sorted(name for name in sys.modules if name in {"river", "scipy"}))
"""


def matrix(rows: list[Row], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def test_a_score_by_hand() -> None:
    scorer = Scorer(LINEAR)

    assert scorer.contributions((12.0, -0.25, 7.0)) == (0.75, 0.25, 0.0)
    assert scorer.log_odds((12.0, -0.25, 7.0)) == 0.0


def test_an_input_far_out_contributes_no_more_than_its_weight_times_the_clip() -> None:
    assert Scorer(LINEAR).contributions((1e9, 1e9, 1e9)) == (3.0, -2.0, 0.0)


@given(scorers(WIDTH), rows_of(WIDTH))
def test_many_rows_have_the_bits_of_each(linear: LinearScorer, rows: list[Row]) -> None:
    scorer, batch = Scorer(linear), matrix(rows, WIDTH)

    assert bits(scorer.log_odds_of_rows(batch)) == bits(scorer.log_odds(row) for row in rows)
    assert [bits(row) for row in scorer.contributions_of_rows(batch)] == [
        bits(scorer.contributions(row)) for row in rows
    ]


@pytest.mark.parametrize("number", [1, 2, 7, 8, 63, 1_000])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_size_and_layout_of_a_batch_make_no_difference(number: int, order: str) -> None:
    rows = [row for row, _ in made_up_labels(number, 17)]
    scorer = Scorer(
        LinearScorer(
            inputs=tuple(f"input_{place}" for place in range(17)),
            means=tuple(10.0 * place for place in range(17)),
            scales=tuple(1.0 / (1.0 + place) for place in range(17)),
            weights=tuple(math.sin(place) for place in range(17)),
            intercept=0.1,
            clip=4.0,
        )
    )
    batch = np.array(rows, order="C" if order == "C" else "F")

    assert bits(scorer.log_odds_of_rows(batch)) == bits(scorer.log_odds(row) for row in rows)


@given(scorers(WIDTH), rows_of(WIDTH, least=1, most=5))
def test_contributions_add_up_to_the_log_odds_exactly_in_their_order(
    linear: LinearScorer, rows: list[Row]
) -> None:
    scorer = Scorer(linear)

    for row in rows:
        total = linear.intercept
        for contribution in scorer.contributions(row):
            total += contribution
        assert bits([total]) == bits([scorer.log_odds(row)])


def test_contributions_add_up_in_any_order_to_within_a_billionth() -> None:
    scorer = Scorer(LINEAR)

    for row, _ in made_up_labels(200, 3):
        total = math.fsum((LINEAR.intercept, *scorer.contributions(row)))
        assert total == pytest.approx(scorer.log_odds(row), abs=1e-9)


def test_a_scorer_knows_the_model_that_it_was_made_of() -> None:
    assert Scorer(LINEAR).linear is LINEAR


def test_scoring_leaves_the_rows_as_they_were() -> None:
    rows = np.array([[12.0, -0.25, 7.0]])

    Scorer(LINEAR).log_odds_of_rows(rows)

    assert rows.tolist() == [[12.0, -0.25, 7.0]]


def test_a_model_without_inputs_says_its_intercept() -> None:
    base_rate = Scorer(LinearScorer((), (), (), (), -0.5, 4.0))

    assert base_rate.log_odds(()) == -0.5
    assert base_rate.contributions(()) == ()
    assert base_rate.log_odds_of_rows(np.empty((3, 0))).tolist() == [-0.5] * 3


def test_rows_of_another_shape_are_refused() -> None:
    scorer = Scorer(LINEAR)

    for score in (scorer.log_odds, scorer.contributions):
        with pytest.raises(ValueError, match="zip"):
            score((1.0, 2.0))
    for score_rows in (scorer.log_odds_of_rows, scorer.contributions_of_rows):
        with pytest.raises(ValueError, match=r"rows of shape \(2, 1\) for 3 inputs"):
            score_rows(np.zeros((2, 1)))


@given(st.floats(-700.0, 700.0))
def test_a_probability_is_the_logistic_function(log_odds: float) -> None:
    assert probability(log_odds) == pytest.approx(1.0 / (1.0 + math.exp(-log_odds)), rel=1e-12)


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [(0.0, 0.5), (-745.0, 0.0), (-1e308, 0.0), (1e308, 1.0), (-math.inf, 0.0), (math.inf, 1.0)],
)
def test_a_probability_never_overflows(log_odds: float, expected: float) -> None:
    assert probability(log_odds) == pytest.approx(expected, abs=1e-300)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_higher_score_never_is_a_lower_probability(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0.0 <= probability(low) <= probability(high) <= 1.0


@given(st.floats(-30.0, 30.0))
def test_the_log_loss_is_minus_the_logarithm_of_what_was_given_to_what_happened(
    log_odds: float,
) -> None:
    churned, stayed = log_loss(log_odds, churned=True), log_loss(log_odds, churned=False)

    assert churned == pytest.approx(-math.log(probability(log_odds)), abs=1e-9)
    assert stayed == pytest.approx(-math.log(probability(-log_odds)), abs=1e-9)


def test_a_verdict_of_any_size_has_a_finite_loss() -> None:
    assert log_loss(1e300, churned=True) == 0.0
    assert log_loss(1e300, churned=False) == 1e300
    assert log_loss(-1e300, churned=True) == 1e300


def test_who_only_scores_does_not_pay_for_loading_what_learns() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEEN_BEFORE_RIVER], check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "[]"
