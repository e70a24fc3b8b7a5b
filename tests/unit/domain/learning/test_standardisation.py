"""Inputs in standard deviations, clipped; a batch has the bits of its rows."""

import numpy as np
import pytest
from hypothesis import given

from domain.learning.standardisation import Standardisation
from events.models import LinearScorer
from tests.unit.domain.learning.learning_given import Row, bits, rows_of, scorers

GIVEN = Standardisation(means=(10.0, 0.0, 5.0), scales=(0.5, 2.0, 0.0), clip=4.0)


def test_a_row_by_hand() -> None:
    assert GIVEN.of_row((12.0, -0.25, 5.0)) == [1.0, -0.5, 0.0]


def test_what_is_far_out_is_clipped_on_both_sides() -> None:
    assert GIVEN.of_row((1_000.0, -1_000.0, 0.0)) == [4.0, -4.0, 0.0]
    assert GIVEN.of_row((18.0, -2.0, 0.0)) == [4.0, -4.0, 0.0]


def test_an_input_that_never_varied_is_zero_whatever_it_is_now() -> None:
    assert GIVEN.of_row((10.0, 0.0, 1e9))[2] == 0.0


@given(scorers(4), rows_of(4))
def test_many_rows_have_the_bits_of_each(linear: LinearScorer, rows: list[Row]) -> None:
    standardisation = Standardisation(linear.means, linear.scales, linear.clip)

    batch = standardisation.of_rows(np.array(rows, dtype=np.float64).reshape(len(rows), 4))

    assert [bits(row) for row in batch] == [bits(standardisation.of_row(row)) for row in rows]


def test_a_batch_leaves_its_rows_as_they_were() -> None:
    rows = np.array([[12.0, -0.25, 5.0]])

    GIVEN.of_rows(rows)

    assert rows.tolist() == [[12.0, -0.25, 5.0]]


def test_no_rows_give_no_inputs() -> None:
    assert GIVEN.of_rows(np.empty((0, 3))).shape == (0, 3)


def test_rows_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        GIVEN.of_row((1.0, 2.0))
    with pytest.raises(ValueError, match=r"rows of shape \(5, 1\) for 3 inputs"):
        GIVEN.of_rows(np.zeros((5, 1)))
    with pytest.raises(ValueError, match=r"rows of shape \(3,\) for 3 inputs"):
        GIVEN.of_rows(np.zeros(3))
