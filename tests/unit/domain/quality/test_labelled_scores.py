"""What follows from labelled scores: probabilities, weeks, silence in gaps, and parts of them."""

import math

import numpy as np
import pytest

from tests.unit.domain.quality.scores import literal, scores


@pytest.mark.parametrize(
    ("log_odds", "probability"),
    [(0.0, 0.5), (1.0, 1 / (1 + math.exp(-1))), (-2.0, 1 / (1 + math.exp(2)))],
)
def test_a_probability_is_that_of_the_log_odds(log_odds: float, probability: float) -> None:
    assert scores([log_odds], [True]).probability[0] == pytest.approx(probability, rel=1e-14)


def test_no_log_odds_are_too_large() -> None:
    assert scores([1e4, -1e4], [True, False]).probability.tolist() == [1.0, 0.0]


def test_a_silence_without_a_gap_counts_in_days() -> None:
    labelled = literal()
    gapless = np.isnan(labelled.usual_gap)

    assert labelled.recency_over_gap[gapless].tolist() == labelled.recency[gapless].tolist()
    assert labelled.recency_over_gap[1] == 18 / 8.0


def test_weeks_are_counted_from_day_0() -> None:
    assert sorted(set(literal().tick.tolist())) == [4, 5, 6]


def test_a_part_keeps_every_column_in_order() -> None:
    labelled = literal()
    part = labelled.where(labelled.active)

    assert len(part) == int(labelled.active.sum()) < len(labelled)
    assert part.log_odds.tolist() == labelled.log_odds[labelled.active].tolist()
    assert part.spent_182.tolist() == labelled.spent_182[labelled.active].tolist()
    assert (part.first_day, part.models) == (labelled.first_day, labelled.models)
