"""Figures of a literal example as the offline twin has them, and nulls where nothing can be said."""

import json
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.quality.figures import BaselineFigures, Figures, measure
from domain.learning.quality.labelled import LabelledScores
from tests.unit.domain.quality.scores import literal, scores

TWIN = {
    "labels": 24,
    "ticks": 3,
    "base_rate": 0.4166666666666667,
    "auc": 0.5236111111111111,
    "average_precision": 0.5995224120863507,
    "log_loss": 0.888714396480793,
    "brier": 0.32135500301763065,
    "ece": 0.4076964846644846,
    "precision_top_tenth": 1.0,
    "lift_top_tenth": 2.4,
    "lost_spend_top_tenth": 0.06930693069306931,
    "lost_spend_top_tenth_by_probability_alone": 0.16831683168316833,
    "lost_stake_top_tenth": 0.2127659574468085,
}
"""What `bench/offline_twin.py`, which shares no line with the product, says of the same labels."""


@pytest.mark.parametrize("name", TWIN)
def test_each_figure_is_that_of_the_twin(name: str) -> None:
    assert getattr(measure(literal()), name) == pytest.approx(TWIN[name], rel=1e-12)


def test_the_baselines_are_those_of_the_twin() -> None:
    found = measure(literal()).baselines

    assert msgspec.structs.astuple(found.recency_over_gap) == pytest.approx(
        (0.6541666666666667, 0.5498412698412698, 0.5, 0.0, 0.16831683168316833)
    )
    assert msgspec.structs.astuple(found.decayed_purchase_days) == pytest.approx(
        (0.4472222222222222, 0.3975396825396825, 0.5, 0.0, 0.0)
    )


def test_the_tenths_are_those_of_the_twin() -> None:
    found = measure(literal()).calibration

    assert [group.labels for group in found] == [3, 3, 3, 3, 2, 2, 2, 2, 2, 2]
    assert found[0].predicted == pytest.approx(0.09680352231415686)
    assert found[9].predicted == pytest.approx(0.9143961775398235)
    assert [round(group.churned, 4) for group in found] == [
        *(0.6667, 0.0, 1.0, 0.3333),
        *(0.0, 0.0, 0.5, 0.0, 0.5, 1.0),
    ]


def caught(stake: float, spent: float) -> Figures:
    """Ten labels of which the last churned, and alone has anything to lose."""
    labelled = scores([0.0] * 9 + [-1.0], [False] * 9 + [True])
    last = np.arange(10) == 9
    changed = msgspec.structs.replace(
        labelled, stake=np.where(last, stake, 1.0), spent_182=np.where(last, spent, 0.0)
    )
    return measure(changed)


def test_lost_spend_is_found_by_probability_times_stake() -> None:
    figures = caught(stake=1_000.0, spent=500.0)

    assert figures.lost_spend_top_tenth == 1.0
    assert figures.lost_spend_top_tenth_by_probability_alone == 0.0
    assert figures.lost_stake_top_tenth == 1.0


def test_spend_and_stake_that_were_lost_are_two_things() -> None:
    figures = caught(stake=1_000.0, spent=0.0)

    assert figures.lost_spend_top_tenth is None, "nothing was spent that could be lost"
    assert figures.lost_stake_top_tenth == 1.0


def test_few_purchase_days_put_a_customer_first_and_a_large_stake_does() -> None:
    labelled = msgspec.structs.replace(
        scores([0.0] * 10, [True] * 10),
        purchase_days_182=np.array([0.5] + [9.0] * 9),
        spent_182=np.array([700.0] + [100.0] * 3 + [0.0] * 6),
    )

    assert measure(labelled).baselines.decayed_purchase_days.lost_spend_top_tenth == 0.7


def test_no_label_leaves_every_figure_null() -> None:
    figures = measure(scores([], []))

    nothing = BaselineFigures(None, None, None, None, None)
    assert (figures.labels, figures.ticks, figures.calibration) == (0, 0, ())
    assert figures.baselines.recency_over_gap == nothing
    assert figures.baselines.decayed_purchase_days == nothing
    assert {value for name, value in figures_of(figures)} == {None}


def figures_of(figures: Figures) -> Iterator[tuple[str, float | None]]:
    for name, value in msgspec.structs.asdict(figures).items():
        if value is None or isinstance(value, float):
            yield name, value


def test_nine_labels_have_no_top_tenth() -> None:
    figures = measure(scores([0.1] * 8 + [2.0], [False] * 8 + [True]))

    assert figures.auc == 1.0
    assert figures.base_rate == pytest.approx(1 / 9)
    assert (figures.precision_top_tenth, figures.lift_top_tenth, figures.ece) == (None, None, None)
    assert figures.lost_spend_top_tenth is None
    assert figures.calibration == ()


def test_where_nobody_churned_there_is_no_lift() -> None:
    figures = measure(scores([0.0] * 20, [False] * 20))

    assert (figures.base_rate, figures.precision_top_tenth) == (0.0, 0.0)
    assert (figures.auc, figures.lift_top_tenth, figures.lost_spend_top_tenth) == (None, None, None)
    assert figures.average_precision is None


ANY = st.lists(st.tuples(st.floats(-900, 900), st.booleans()), max_size=30)


@given(ANY, st.sampled_from([0.0, 3.0, 1e9]))
def test_json_never_holds_what_is_no_number(
    labelled: list[tuple[float, bool]], amount: float
) -> None:
    found = scores([score for score, _ in labelled], [label for _, label in labelled])
    alike: LabelledScores = msgspec.structs.replace(
        found, stake=found.stake * amount, spent_182=found.spent_182 * amount
    )

    text = msgspec.json.encode(measure(alike)).decode()

    assert "NaN" not in text
    assert msgspec.json.decode(text, type=Figures) == measure(alike)
    assert json.dumps(json.loads(text), allow_nan=False)
