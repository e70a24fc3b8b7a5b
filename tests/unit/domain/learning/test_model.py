"""Models as bytes: canonical, small, and named by what they say."""

import datetime
import json

import msgspec
import pytest

from domain.learning import model
from domain.learning.scoring import Scorer
from events.models import ChurnModel, CutPoints
from tests.unit.domain.learning.learning_given import RECIPE, SEVENTEEN, made_up_labels

THIRD = 1 / 3
WORST = -2.2250738585072014e-308
"""A number that takes as many characters as any."""


def decoded(data: bytes) -> ChurnModel:
    return msgspec.json.decode(data, type=ChurnModel)


def a_model() -> ChurnModel:
    return msgspec.structs.replace(
        model.start_model(RECIPE),
        snapshots=1_200,
        labels=300,
        first_label_day=datetime.date(2011, 1, 12),
        last_label_day=datetime.date(2011, 3, 1),
        log_loss=0.55,
        cut_points=CutPoints(12_000.0, 60_000.0, 1.5, 4.25),
    )


def test_a_model_survives_its_bytes() -> None:
    assert decoded(model.encode(a_model())) == a_model()
    start = model.start_model(RECIPE)
    assert decoded(model.encode(start)) == start


def test_equal_models_have_equal_bytes_and_one_name() -> None:
    assert model.encode(a_model()) == model.encode(a_model())
    assert model.version_of(a_model()) == model.version_of(a_model())


def test_a_name_is_sixteen_hexadecimal_digits_and_stable_for_ever() -> None:
    assert model.version_of(model.start_model(RECIPE)) == "0edcd04484e3954a"


def test_any_other_content_is_another_name() -> None:
    others = [
        msgspec.structs.replace(a_model(), labels=301),
        msgspec.structs.replace(a_model(), recipe="another"),
        msgspec.structs.replace(a_model(), cut_points=None),
        msgspec.structs.replace(
            a_model(), scorer=msgspec.structs.replace(a_model().scorer, intercept=5e-324)
        ),
    ]

    assert len({model.version_of(each) for each in [a_model(), *others]}) == 5


def test_the_start_model_says_log_odds_of_zero_for_everybody() -> None:
    start = model.start_model(SEVENTEEN)
    scorer = Scorer(start.scorer)

    assert {scorer.log_odds(row) for row, _ in made_up_labels(50, 17)} == {0.0}
    assert start.scorer.weights == SEVENTEEN.start_weights


def test_the_start_model_has_seen_nothing() -> None:
    start = model.start_model(RECIPE)

    assert (start.recipe, start.snapshots, start.labels) == ("given", 0, 0)
    assert (start.first_label_day, start.last_label_day) == (None, None)
    assert (start.log_loss, start.cut_points) == (None, None)


def test_where_values_are_taken_as_they_come_the_start_weights_count_at_once() -> None:
    start = model.start_model(msgspec.structs.replace(RECIPE, standardised=False))

    assert Scorer(start.scorer).log_odds((1.0, 1.0, 1.0)) == pytest.approx(0.4 - 0.3)


@pytest.mark.parametrize("number", [THIRD * 1e-5, WORST])
def test_seventeen_inputs_take_at_most_four_kilobytes(number: float) -> None:
    start = model.start_model(SEVENTEEN)
    long = (number,) * 17
    largest = msgspec.structs.replace(
        a_model(),
        snapshots=2**53,
        labels=2**53,
        log_loss=number,
        cut_points=CutPoints(number, number, number, number),
        scorer=msgspec.structs.replace(
            start.scorer,
            inputs=tuple(f"a_rather_long_name_of_an_input_{place:02}" for place in range(17)),
            means=long,
            scales=long,
            weights=long,
            intercept=number,
        ),
    )

    assert len(model.encode(largest)) <= 4_096


def test_bytes_of_something_else_are_refused() -> None:
    written = json.loads(model.encode(a_model()))

    with pytest.raises(msgspec.ValidationError, match="unknown field `mood`"):
        decoded(json.dumps({**written, "mood": "good"}).encode())
    with pytest.raises(msgspec.ValidationError, match="missing required field `scorer`"):
        decoded(json.dumps({"recipe": "given"}).encode())


def test_a_number_that_is_not_finite_does_not_survive() -> None:
    broken = msgspec.structs.replace(a_model(), log_loss=None)
    scorer = msgspec.structs.replace(broken.scorer, intercept=float("nan"))

    with pytest.raises(msgspec.ValidationError, match=r"Expected `float`, got `null`"):
        decoded(model.encode(msgspec.structs.replace(broken, scorer=scorer)))
