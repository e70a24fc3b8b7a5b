"""Every figure of any labels against its definition in plain Python."""

import math
import random
from statistics import fmean

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.quality.figures import BaselineFigures, Figures, measure
from domain.learning.quality.labelled import LabelledScores
from tests.unit.domain.quality import plain_figures as plain
from tests.unit.domain.quality.plain_figures import PlainLabel
from tests.unit.domain.quality.scores import scores

QUARTERS = st.integers(-12, 12).map(lambda quarters: quarters / 4)
AMOUNTS = st.integers(0, 20).map(float)
LABELS = st.lists(
    st.builds(
        PlainLabel,
        day=st.integers(28, 48),
        log_odds=QUARTERS,
        churned=st.booleans(),
        stake=AMOUNTS,
        spent_182=AMOUNTS,
        recency=st.integers(1, 200),
        usual_gap=st.none() | st.sampled_from([1.0, 2.5, 8.0]),
        purchase_days_182=st.sampled_from([0.25, 1.0, 1.75, 6.0]),
    ),
    max_size=45,
)
"""Few different values, so that many are equal."""


def columns(labels: list[PlainLabel]) -> LabelledScores:
    return msgspec.structs.replace(
        scores([label.log_odds for label in labels], [label.churned for label in labels]),
        day=np.array([label.day for label in labels], dtype=np.int64),
        stake=np.array([label.stake for label in labels]),
        spent_182=np.array([label.spent_182 for label in labels]),
        recency=np.array([label.recency for label in labels], dtype=np.int64),
        usual_gap=np.array(
            [math.nan if label.usual_gap is None else label.usual_gap for label in labels]
        ),
        purchase_days_182=np.array([label.purchase_days_182 for label in labels]),
    )


def measured(labels: list[PlainLabel]) -> Figures:
    return measure(columns(labels))


def nearly(value: float | None) -> object:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)


def by_probability(label: PlainLabel) -> float:
    return label.probability


def by_risk(label: PlainLabel) -> float:
    return label.probability * label.stake


def spend(label: PlainLabel) -> float:
    return label.spent_182


@given(LABELS)
def test_rankings_are_what_they_are_said_to_be(labels: list[PlainLabel]) -> None:
    found = measured(labels)

    assert found.auc == nearly(plain.mean_area(labels, by_probability))
    assert found.average_precision == nearly(plain.mean_precision(labels, by_probability))
    assert found.precision_top_tenth == nearly(plain.precision(labels, by_probability))


@given(LABELS)
def test_what_is_caught_is_what_it_is_said_to_be(labels: list[PlainLabel]) -> None:
    found = measured(labels)

    assert found.lost_spend_top_tenth == nearly(plain.caught(labels, by_risk, spend))
    assert found.lost_spend_top_tenth_by_probability_alone == nearly(
        plain.caught(labels, by_probability, spend)
    )
    assert found.lost_stake_top_tenth == nearly(
        plain.caught(labels, by_risk, lambda label: label.stake)
    )


@given(LABELS)
def test_rates_and_losses_are_what_they_are_said_to_be(labels: list[PlainLabel]) -> None:
    found = measured(labels)

    assert (found.labels, found.ticks) == (len(labels), len({label.day // 7 for label in labels}))
    if not labels:
        return
    base_rate = fmean(label.churned for label in labels)
    assert found.base_rate == nearly(base_rate)
    assert found.brier == nearly(fmean((one.probability - one.churned) ** 2 for one in labels))
    surprises = [-math.log(abs(1 - one.churned - one.probability)) for one in labels]
    assert found.log_loss == nearly(fmean(surprises))
    if base_rate and found.precision_top_tenth is not None:
        assert found.lift_top_tenth == nearly(found.precision_top_tenth / base_rate)
    else:
        assert found.lift_top_tenth is None


@given(LABELS)
def test_calibration_is_what_it_is_said_to_be(labels: list[PlainLabel]) -> None:
    found, groups = measured(labels), plain.calibration(labels)

    assert [(one.predicted, one.churned, one.labels) for one in found.calibration] == [
        (nearly(predicted), nearly(churned), count) for predicted, churned, count in groups
    ]
    distances = [abs(churned - predicted) * count for predicted, churned, count in groups]
    assert found.ece == nearly(math.fsum(distances) / len(labels) if groups else None)


def baseline(labels: list[PlainLabel], score: plain.Score, dearest: plain.Score) -> BaselineFigures:
    return BaselineFigures(
        plain.mean_area(labels, score),
        plain.mean_precision(labels, score),
        plain.precision(labels, score),
        plain.caught(labels, dearest, spend),
        plain.caught(labels, score, spend),
    )


@given(LABELS)
def test_rules_of_thumb_are_what_they_are_said_to_be(labels: list[PlainLabel]) -> None:
    found = measured(labels).baselines

    silence = baseline(labels, lambda one: one.silence, lambda one: one.silence * one.stake)
    few = baseline(
        labels,
        lambda one: -one.purchase_days_182,
        lambda one: one.stake / (1.0 + one.purchase_days_182),
    )
    for ours, theirs in ((found.recency_over_gap, silence), (found.decayed_purchase_days, few)):
        expected = msgspec.structs.astuple(theirs)
        assert msgspec.structs.astuple(ours) == tuple(map(nearly, expected))


@given(LABELS, st.randoms(use_true_random=False))
def test_the_order_of_labels_changes_nothing_but_who_is_first_of_equals(
    labels: list[PlainLabel], order: random.Random
) -> None:
    mixed = list(labels)
    order.shuffle(mixed)
    found, otherwise = measured(labels), measured(mixed)

    for name in ("auc", "average_precision", "log_loss", "brier", "base_rate"):
        assert getattr(otherwise, name) == nearly(getattr(found, name))
