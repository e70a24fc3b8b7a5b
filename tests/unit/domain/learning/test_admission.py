"""The gate: accidents stay out, and a bad day's difference does not."""

import math

import msgspec
import pytest

from domain.learning.admission import (
    LEAST_LABELS,
    MARGIN,
    Admitted,
    Losses,
    RefusalReason,
    Refused,
    admit,
)
from events.models import LinearScorer
from tests.unit.domain.learning.learning_given import Row

INCUMBENT = LinearScorer(
    inputs=("recency",), means=(0.0,), scales=(1.0,), weights=(1.0,), intercept=0.0, clip=4.0
)
LN2 = math.log(2.0)


def with_weight(weight: float) -> LinearScorer:
    return msgspec.structs.replace(INCUMBENT, weights=(weight,))


def half_and_half(number: int) -> tuple[list[Row], list[bool]]:
    """Labels of which recency 1 churned and recency -1 stayed, in turn."""
    churned = [place % 2 == 0 for place in range(number)]
    return [((1.0,) if gone else (-1.0,)) for gone in churned], churned


def loss_of(weight: float) -> float:
    """The mean log loss of a weight on the labels above: the same for each."""
    return math.log1p(math.exp(-weight))


def weight_of(loss: float) -> float:
    return -math.log(math.expm1(loss))


def test_a_better_candidate_is_admitted_with_both_losses() -> None:
    verdict = admit(with_weight(2.0), INCUMBENT, *half_and_half(100))

    assert isinstance(verdict, Admitted)
    assert verdict.losses.labels == 100
    assert verdict.losses.candidate == pytest.approx(loss_of(2.0))
    assert verdict.losses.incumbent == pytest.approx(loss_of(1.0))


def test_the_same_model_is_admitted() -> None:
    assert isinstance(admit(INCUMBENT, INCUMBENT, *half_and_half(100)), Admitted)


def test_a_clearly_worse_candidate_is_refused_with_both_losses() -> None:
    verdict = admit(with_weight(-1.0), INCUMBENT, *half_and_half(100))

    assert isinstance(verdict, Refused)
    assert verdict.reason is RefusalReason.CLEARLY_WORSE
    assert verdict.losses.candidate == pytest.approx(loss_of(-1.0))
    assert verdict.losses.incumbent == pytest.approx(loss_of(1.0))


@pytest.mark.parametrize(
    ("above", "outcome"),
    [(-0.1, Admitted), (0.0, Admitted), (MARGIN - 1e-6, Admitted), (MARGIN + 1e-6, Refused)],
)
def test_a_candidate_may_be_worse_by_the_margin_and_not_by_more(
    above: float, outcome: type[Admitted | Refused]
) -> None:
    candidate = with_weight(weight_of(loss_of(1.0) + above))

    assert isinstance(admit(candidate, INCUMBENT, *half_and_half(100)), outcome)


@pytest.mark.parametrize(
    ("labels", "outcome"),
    [(1, Admitted), (LEAST_LABELS - 1, Admitted), (LEAST_LABELS, Refused), (500, Refused)],
)
def test_few_labels_refuse_nobody(labels: int, outcome: type[Admitted | Refused]) -> None:
    verdict = admit(with_weight(-4.0), INCUMBENT, *half_and_half(labels))

    assert isinstance(verdict, outcome)
    assert verdict.losses.labels == labels


def test_a_day_without_labels_admits_and_has_no_losses() -> None:
    assert admit(with_weight(-4.0), INCUMBENT, [], []) == Admitted(Losses(0, None, None))


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", ["means", "scales", "weights", "intercept", "clip"])
@pytest.mark.parametrize("labels", [0, 10, 100])
def test_a_candidate_with_a_number_that_is_not_finite_is_refused_with_or_without_labels(
    part: str, broken: float, labels: int
) -> None:
    value = broken if part in {"intercept", "clip"} else (broken,)
    candidate = msgspec.structs.replace(INCUMBENT, **{part: value})

    verdict = admit(candidate, INCUMBENT, *half_and_half(labels))

    incumbent = pytest.approx(loss_of(1.0)) if labels else None
    assert isinstance(verdict, Refused)
    assert verdict.reason is RefusalReason.NON_FINITE
    assert verdict.losses.candidate is None
    assert verdict.losses.incumbent == incumbent


def test_whatever_follows_a_broken_incumbent_is_an_improvement() -> None:
    verdict = admit(INCUMBENT, with_weight(math.nan), *half_and_half(100))

    assert isinstance(verdict, Admitted)
    assert verdict.losses.incumbent is None


def test_before_anything_was_learned_the_loss_is_that_of_a_coin() -> None:
    start = msgspec.structs.replace(INCUMBENT, scales=(0.0,))

    verdict = admit(INCUMBENT, start, *half_and_half(100))

    assert verdict.losses.incumbent == pytest.approx(LN2)


def test_the_order_of_the_labels_does_not_matter() -> None:
    rows, churned = half_and_half(99)
    odd = [(row[0] * (1 + 0.01 * place),) for place, row in enumerate(rows)]

    forth = admit(with_weight(0.3), INCUMBENT, odd, churned)
    back = admit(with_weight(0.3), INCUMBENT, odd[::-1], churned[::-1])

    assert forth == back


def test_models_of_other_inputs_are_not_compared() -> None:
    other = msgspec.structs.replace(INCUMBENT, inputs=("spend",))

    with pytest.raises(ValueError, match=r"a model of \('spend',\) after one of \('recency',\)"):
        admit(other, INCUMBENT, *half_and_half(100))


def test_a_row_without_its_label_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        admit(INCUMBENT, INCUMBENT, [(1.0,), (2.0,)], [True])


def test_the_names_of_the_reasons_are_stable() -> None:
    assert [reason.value for reason in RefusalReason] == ["non-finite", "clearly-worse"]
