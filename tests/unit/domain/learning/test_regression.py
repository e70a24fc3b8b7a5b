"""Logistic regression with signs, held against river's where that can be told the same."""

import math

import msgspec
import pytest
from hypothesis import example, given
from river.linear_model import LogisticRegression
from river.optim import AdaGrad

from domain.learning.recipe import CONSTANT
from domain.learning.regression import SignedRegression
from tests.unit.domain.learning.learning_given import (
    RECIPE,
    SEVENTEEN,
    STOCK,
    Row,
    bits,
    labelled,
    made_up_labels,
)

Labels = list[tuple[Row, bool]]


def clipped(row: Row) -> Row:
    return tuple(min(max(value, -4.0), 4.0) for value in row)


def taught(regression: SignedRegression, labels: Labels) -> SignedRegression:
    for row, churned in labels:
        regression.learn(clipped(row), churned=churned)
    return regression


@given(labelled(3))
@example([((0.0, 0.0, 0.0), True)])
def test_it_is_rivers_own_bit_by_bit_where_river_can_be_told_the_same(labels: Labels) -> None:
    stock = LogisticRegression(optimizer=AdaGrad(STOCK.rate), intercept_lr=0.0)
    for row, churned in labels:
        named = dict(zip(STOCK.inputs, clipped(row), strict=True))
        stock.learn_one({CONSTANT: 1.0, **named}, churned)

    ours = taught(SignedRegression(STOCK), labels).all_weights()

    assert bits(ours) == bits(stock.weights.get(name, 0.0) for name in (CONSTANT, *STOCK.inputs))


def test_it_starts_from_the_recipe_with_an_intercept_of_zero() -> None:
    untaught = SignedRegression(RECIPE)

    assert untaught.all_weights() == (0.0, 0.4, -0.3, 0.0)
    assert untaught.all_accumulators() == (1.0, 1.0, 1.0, 1.0)


def test_a_first_label_by_hand() -> None:
    regression = SignedRegression(RECIPE)

    regression.learn((1.0, 2.0, -1.0), churned=True)

    # log-odds 0.4 - 0.6, so the error is 1 / (1 + e^0.2) - 1:
    error = 1 / (1 + math.exp(0.2)) - 1
    steps = [0.05 * error * x / math.sqrt(1 + (error * x) ** 2) for x in (1, 1, 2, -1)]
    by_hand = [start - step for start, step in zip((0, 0.4, -0.3, 0), steps, strict=True)]
    assert list(regression.all_weights()) == pytest.approx(by_hand, abs=1e-9)
    assert regression.all_accumulators()[2] == pytest.approx(1 + (2 * error) ** 2)


@given(labelled(3, most=60))
def test_no_weight_ever_crosses_zero_against_its_sign(labels: Labels) -> None:
    regression = SignedRegression(RECIPE)

    for row, churned in labels:
        regression.learn(clipped(row), churned=churned)
        _, recency, purchases, _ = regression.all_weights()
        assert recency >= 0.0
        assert purchases <= 0.0


def test_a_weight_pushed_against_its_sign_stays_at_zero_and_comes_back() -> None:
    regression = SignedRegression(RECIPE)

    for _ in range(200):
        regression.learn((4.0, 0.0, 0.0), churned=False)
    assert regression.all_weights()[1] == 0.0

    for _ in range(200):
        regression.learn((4.0, 0.0, 0.0), churned=True)
    assert regression.all_weights()[1] > 0.1


def test_a_weight_without_a_sign_crosses_zero() -> None:
    free = msgspec.structs.replace(RECIPE, signs=(0, 0, 0))
    regression = SignedRegression(free)

    for _ in range(200):
        regression.learn((4.0, 0.0, 0.0), churned=False)

    assert regression.all_weights()[1] < 0.0


@given(labelled(3), labelled(3))
def test_resumed_it_goes_on_bit_by_bit(before: Labels, after: Labels) -> None:
    whole = taught(SignedRegression(RECIPE), before)
    resumed = SignedRegression(RECIPE)
    resumed.resume(whole.all_weights(), whole.all_accumulators())

    taught(whole, after)
    taught(resumed, after)

    assert bits(resumed.all_weights()) == bits(whole.all_weights())
    assert bits(resumed.all_accumulators()) == bits(whole.all_accumulators())


def test_the_intercept_alone_learns_the_base_rate() -> None:
    nothing = msgspec.structs.replace(RECIPE, inputs=(), start_weights=(), signs=())
    regression = SignedRegression(nothing)

    for number in range(20_000):
        regression.learn((), churned=number % 4 == 0)

    (intercept,) = regression.all_weights()
    assert 1 / (1 + math.exp(-intercept)) == pytest.approx(0.25, abs=0.01)


def test_the_order_of_the_inputs_decides_the_bits_and_so_is_kept() -> None:
    labels = made_up_labels(500, 17)
    backwards = msgspec.structs.replace(
        SEVENTEEN,
        inputs=SEVENTEEN.inputs[::-1],
        start_weights=SEVENTEEN.start_weights[::-1],
        signs=SEVENTEEN.signs[::-1],
    )
    turned = [(row[::-1], churned) for row, churned in labels]

    forth = taught(SignedRegression(SEVENTEEN), labels).all_weights()
    again = taught(SignedRegression(SEVENTEEN), labels).all_weights()
    back = taught(SignedRegression(backwards), turned).all_weights()

    assert bits(again) == bits(forth)
    assert bits(back[1:][::-1]) != bits(forth[1:]), "another order would be as good, but another"
    assert list(back[1:][::-1]) == pytest.approx(list(forth[1:]), abs=1e-9)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        SignedRegression(RECIPE).learn((1.0, 2.0), churned=True)
    with pytest.raises(ValueError, match="zip"):
        SignedRegression(RECIPE).resume((0.0, 0.0), (1.0, 1.0))
