"""The model of a day: which one it is, and what it may say."""

import datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.churn_recipe import RECIPE, START_MODEL
from domain.detection.day_model import NEVER_LEARNED, START, DayModel, ModelHistory
from domain.learning.model import version_of
from events.calendar import date_of
from events.control import ModelDecided
from tests.support.given import DAY
from tests.support.models import churn_model, figures

FIRST, SECOND = churn_model({"recency": 1.0}), churn_model({"recency": 2.0})


def decided(day: int, model: object = None) -> ModelDecided:
    return ModelDecided("first", date_of(DAY + day), model)


def test_a_model_is_taught_once_it_has_seen_four_hundred_snapshots() -> None:
    few, enough = churn_model({}, snapshots=399), churn_model({}, snapshots=400)

    assert [DayModel(model).is_taught for model in (few, enough)] == [False, True]


def test_a_model_says_percentages_once_five_hundred_labels_have_matured() -> None:
    few, enough = churn_model({}, labels=499), churn_model({}, labels=500)

    assert [DayModel(model).says_percentages for model in (few, enough)] == [False, True]


def test_a_model_goes_by_the_name_of_its_content() -> None:
    named = DayModel(FIRST)

    assert named.version == version_of(FIRST)
    assert named.version != DayModel(SECOND).version
    assert named.scorer.log_odds(figures({"recency": 3.0})) == 3.0


def test_the_start_model_says_nothing_of_anybody() -> None:
    assert START.model == START_MODEL
    assert (START.is_taught, START.says_percentages) == (False, False)
    assert START.scorer.log_odds(figures(others=7.0)) == 0.0
    assert START.model.scorer.weights == RECIPE.start_weights


def test_before_the_first_decision_it_is_the_start_model() -> None:
    history = ModelHistory([decided(5, FIRST)])

    assert history.of(DAY + 4) is START
    assert history.of(DAY + 5).model == FIRST


def test_without_decisions_it_is_the_start_model_for_ever() -> None:
    assert NEVER_LEARNED.of(-9_000) is START
    assert ModelHistory(()).of(DAY + 9_000) is START


def test_a_decision_that_leaves_the_model_as_it_was_leaves_it() -> None:
    kept = ModelDecided("first", date_of(DAY + 6), None, "clearly-worse")
    history = ModelHistory([decided(5, FIRST), kept, decided(8, SECOND), decided(9)])

    models = [history.of(DAY + day).model for day in range(4, 11)]

    assert models == [START_MODEL, FIRST, FIRST, FIRST, SECOND, SECOND, SECOND]


def test_decisions_that_change_nothing_before_the_first_model_leave_the_start_model() -> None:
    history = ModelHistory([decided(0), decided(1), decided(2, FIRST)])

    assert [history.of(DAY + day) is START for day in (0, 1, 2)] == [True, True, False]


def test_days_before_1970_have_models_too() -> None:
    history = ModelHistory([ModelDecided("first", datetime.date(1955, 5, 5), FIRST)])

    assert history.of(-6_000) is START
    assert history.of(-5_000).model == FIRST


def test_a_model_is_made_ready_once_however_often_it_is_asked_for() -> None:
    one, another = ModelHistory([decided(5, FIRST)]), ModelHistory([decided(2, FIRST)])

    assert one.of(DAY + 5) is one.of(DAY + 50)
    assert another.of(DAY + 9) is one.of(DAY + 5)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, FIRST, SECOND])), max_size=20),
    st.integers(-3, 90),
)
def test_it_is_the_last_model_decided_for_the_day_or_an_earlier_one(
    steps: list[tuple[int, object]], day: int
) -> None:
    decisions: list[ModelDecided] = []
    at = 0
    for days, model in steps:
        at += days
        decisions.append(decided(at, model))

    expected = START_MODEL
    for entry in decisions:
        if entry.day <= date_of(DAY + day) and entry.model is not None:
            expected = entry.model

    assert ModelHistory(decisions).of(DAY + day).model == expected


def test_models_survive_the_way_through_a_decision() -> None:
    data = msgspec.json.encode(decided(5, FIRST))

    history = ModelHistory([msgspec.json.decode(data, type=ModelDecided)])

    assert history.of(DAY + 5).version == version_of(FIRST)
