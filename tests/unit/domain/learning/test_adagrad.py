"""AdaGrad with accumulators that start above 0, held against river's and against the formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from river.optim import AdaGrad

from domain.learning.adagrad import WarmAdaGrad
from tests.unit.domain.learning.learning_given import VALUES, bits

NAMES = ("a", "b", "c")
GRADIENTS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=40)

Gradients = list[tuple[float, float, float]]


def stepped(rule: AdaGrad, gradients: Gradients) -> dict[str, float]:
    weights = dict.fromkeys(NAMES, 0.5)
    for gradient in gradients:
        rule.step(weights, dict(zip(NAMES, gradient, strict=True)))
    return weights


@given(GRADIENTS, st.floats(0.001, 1.0))
def test_started_at_zero_it_is_rivers_own_bit_by_bit(gradients: Gradients, rate: float) -> None:
    ours, stock = WarmAdaGrad(rate, 0.0), AdaGrad(rate)

    assert bits(stepped(ours, gradients).values()) == bits(stepped(stock, gradients).values())
    assert bits(ours.accumulators(NAMES)) == bits(stock.g2[name] for name in NAMES)


@given(GRADIENTS, st.floats(0.01, 10.0))
def test_the_accumulator_is_its_start_value_and_the_squares(
    gradients: Gradients, start: float
) -> None:
    rule = WarmAdaGrad(0.05, start)
    stepped(rule, gradients)

    sums = [start + sum(gradient[place] ** 2 for gradient in gradients) for place in range(3)]
    assert list(rule.accumulators(NAMES)) == pytest.approx(sums, rel=1e-12)


@given(GRADIENTS)
def test_the_step_is_the_one_that_is_written_down_elsewhere(gradients: Gradients) -> None:
    # bench/offline_twin.py multiplies before it divides, river after: the last bit may differ.
    weights, accumulators = [0.5] * 3, [1.0] * 3
    for gradient in gradients:
        for place, slope in enumerate(gradient):
            accumulators[place] += slope * slope
            weights[place] -= 0.05 * slope / (accumulators[place] + 1e-8) ** 0.5

    ours = stepped(WarmAdaGrad(0.05, 1.0), gradients)

    assert list(ours.values()) == pytest.approx(weights, rel=1e-12, abs=1e-12)


def test_a_first_step_by_hand() -> None:
    weights = {"a": 0.0}
    WarmAdaGrad(0.05, 1.0).step(weights, {"a": 0.75})

    assert weights["a"] == pytest.approx(-0.05 * 0.75 / 1.25)


def test_the_first_step_of_a_small_gradient_is_small_and_from_zero_it_is_the_whole_rate() -> None:
    warm, cold = {"a": 0.0}, {"a": 0.0}
    WarmAdaGrad(0.05, 1.0).step(warm, {"a": 0.01})
    WarmAdaGrad(0.05, 0.0).step(cold, {"a": 0.01})

    assert abs(warm["a"]) < 0.000_6
    assert abs(cold["a"]) == pytest.approx(0.05, rel=1e-3)


@given(GRADIENTS, GRADIENTS)
def test_resumed_from_its_accumulators_it_goes_on_alike(
    before: Gradients, after: Gradients
) -> None:
    whole, first, second = (WarmAdaGrad(0.05, 1.0) for _ in range(3))
    stepped(whole, before)
    stepped(first, before)
    second.resume(dict(zip(NAMES, first.accumulators(NAMES), strict=True)))

    assert bits(stepped(whole, after).values()) == bits(stepped(second, after).values())


def test_a_weight_that_no_step_was_taken_for_has_the_start_value() -> None:
    assert WarmAdaGrad(0.05, 0.25).accumulators(NAMES) == (0.25, 0.25, 0.25)
