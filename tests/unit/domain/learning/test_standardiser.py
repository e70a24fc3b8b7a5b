"""Running means and scales, held against the numbers of a textbook and against river's transform."""

import math
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from river.preprocessing import StandardScaler

from domain.learning.standardiser import Standardiser
from tests.unit.domain.learning.learning_given import Row, bits, made_up_labels, rows_of

INPUTS = ("recency", "purchases", "spend")


def fed(rows: list[Row]) -> Standardiser:
    standardiser = Standardiser(INPUTS, 1e-12)
    for row in rows:
        standardiser.feed(row)
    return standardiser


def test_before_the_first_row_nothing_is_usual() -> None:
    untaught = fed([])

    assert untaught.fed == 0
    assert untaught.means() == untaught.variances() == untaught.scales() == (0.0, 0.0, 0.0)


def test_three_rows_by_hand() -> None:
    standardiser = fed([(1.0, 0.0, 5.0), (2.0, 0.0, 5.0), (6.0, 3.0, 5.0)])

    assert standardiser.fed == 3
    assert list(standardiser.means()) == pytest.approx([3.0, 1.0, 5.0])
    assert list(standardiser.variances()) == pytest.approx([14 / 3, 2.0, 0.0])
    assert list(standardiser.scales()) == pytest.approx([math.sqrt(3 / 14), math.sqrt(0.5), 0.0])


@given(rows_of(3, least=1))
def test_means_and_variances_are_those_of_the_population(rows: list[Row]) -> None:
    standardiser = fed(rows)

    columns = list(zip(*rows, strict=True))
    largest = max(abs(value) for row in rows for value in row)
    assert list(standardiser.means()) == pytest.approx(
        [fmean(column) for column in columns], rel=1e-9, abs=1e-12 * (1 + largest)
    )
    assert list(standardiser.variances()) == pytest.approx(
        [pvariance(column) for column in columns], rel=1e-6, abs=1e-12 * (1 + largest**2)
    )


@given(rows_of(3, least=1))
def test_it_is_rivers_own_bit_by_bit(rows: list[Row]) -> None:
    stock = StandardScaler()
    for row in rows:
        stock.learn_one(dict(zip(INPUTS, row, strict=True)))

    standardiser = fed(rows)

    assert bits(standardiser.means()) == bits(stock.means[name] for name in INPUTS)
    assert bits(standardiser.variances()) == bits(stock.vars[name] for name in INPUTS)


def test_a_scale_does_what_rivers_transform_does() -> None:
    rows = [row for row, _ in made_up_labels(200, 3)]
    standardiser, stock = fed(rows), StandardScaler()
    for row in rows:
        stock.learn_one(dict(zip(INPUTS, row, strict=True)))

    parts = zip(rows[0], standardiser.means(), standardiser.scales(), strict=True)
    ours = [(value - mean) * scale for value, mean, scale in parts]

    theirs = stock.transform_one(dict(zip(INPUTS, rows[0], strict=True)))
    assert ours == pytest.approx(list(theirs.values()), rel=1e-12)


def test_an_input_that_never_varied_but_for_rounding_has_a_scale_of_zero() -> None:
    standardiser = fed([(0.1 + 0.2, 1.0, 0.0), (0.3, 2.0, 0.0)] * 50)

    rounding, varied, never = standardiser.variances()
    assert 0.0 < rounding < 1e-30
    assert (varied, never) == (pytest.approx(0.25), 0.0)
    assert list(standardiser.scales()) == pytest.approx([0.0, 2.0, 0.0])


@pytest.mark.parametrize(("spread", "scale"), [(0.5, 2.0), (0.4, 0.0)])
def test_the_least_variance_is_the_recipes(spread: float, scale: float) -> None:
    standardiser = Standardiser(("a",), 0.25)
    for value in (-spread, spread):
        standardiser.feed((value,))

    assert standardiser.scales() == (scale,)


@given(rows_of(3), rows_of(3))
def test_resumed_it_goes_on_bit_by_bit(before: list[Row], after: list[Row]) -> None:
    whole = fed(before)
    resumed = Standardiser(INPUTS, 1e-12)
    resumed.resume(whole.fed, whole.means(), whole.variances())

    for row in after:
        whole.feed(row)
        resumed.feed(row)

    assert resumed.fed == whole.fed == len(before) + len(after)
    assert bits(resumed.means()) == bits(whole.means())
    assert bits(resumed.variances()) == bits(whole.variances())


def test_a_row_of_another_length_is_refused_and_not_counted() -> None:
    standardiser = fed([(1.0, 2.0, 3.0)])

    with pytest.raises(ValueError, match="zip"):
        standardiser.feed((1.0, 2.0))

    assert standardiser.fed == 1
    assert standardiser.means() == (1.0, 2.0, 3.0)
