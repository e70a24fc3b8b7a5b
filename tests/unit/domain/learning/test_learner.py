"""The learner: what it makes of snapshots and labels, and that its state is all that it knows."""

import math
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.learner import Learner, LearnerState
from domain.learning.model import start_model
from domain.learning.recipe import Recipe
from domain.learning.scoring import Scorer
from events import codec
from events.models import LinearScorer
from tests.unit.domain.learning.learning_given import (
    RECIPE,
    SEVENTEEN,
    VALUES,
    Row,
    bits,
    made_up_labels,
)

Lesson = tuple[Row, bool | None]
"""A row, with what happened for a label, with None for a snapshot."""

LESSONS = st.lists(
    st.tuples(st.tuples(VALUES, VALUES, VALUES), st.sampled_from([True, False, None]))
)
AS_THEY_COME = msgspec.structs.replace(RECIPE, standardised=False)
A_DAY_PRINTED = """
import sys
from events import codec
from domain.learning.learner import Learner
from tests.unit.domain.learning.learning_given import SEVENTEEN, made_up_labels
learner, labels = Learner(SEVENTEEN), made_up_labels(300, 17)
for row, _ in labels:
    learner.feed(row)
for row, churned in labels:
    learner.learn(row, churned=churned)
sys.stdout.buffer.write(codec.encode(learner.state()))
"""


def taught(learner: Learner, lessons: Iterable[Lesson]) -> Learner:
    for row, churned in lessons:
        if churned is None:
            learner.feed(row)
        else:
            learner.learn(row, churned=churned)
    return learner


def a_day(rows: Sequence[tuple[Row, bool]]) -> list[Lesson]:
    """The snapshots of a day first, then its labels."""
    return [*((row, None) for row, _ in rows), *rows]


def stored(recipe: Recipe, learner: Learner) -> Learner:
    """The learner that is made of another's state, through its canonical bytes."""
    data = codec.encode(learner.state())
    return Learner.of(recipe, msgspec.json.decode(data, type=LearnerState))


def all_bits(learner: Learner) -> list[str]:
    state, scorer = learner.state(), learner.scorer()
    numbers = (*state.means, *state.variances, *state.weights, *state.accumulators)
    return bits((*numbers, *scorer.means, *scorer.scales, *scorer.weights, scorer.intercept))


def test_an_untaught_learner_says_what_the_start_model_says() -> None:
    for recipe in (RECIPE, AS_THEY_COME, SEVENTEEN):
        learner = Learner(recipe)

        assert learner.scorer() == start_model(recipe).scorer
        assert (learner.snapshots, learner.labels) == (0, 0)


def test_snapshots_alone_make_the_start_weights_tell_customers_apart() -> None:
    learner = Learner(RECIPE)
    before = Scorer(learner.scorer())
    learner.feed((10.0, 4.0, 100.0))
    learner.feed((30.0, 2.0, 100.0))

    after = Scorer(learner.scorer())

    assert before.log_odds((30.0, 2.0, 100.0)) == 0.0
    assert after.log_odds((30.0, 2.0, 100.0)) == pytest.approx(0.4 + 0.3)
    assert after.log_odds((10.0, 4.0, 100.0)) == pytest.approx(-0.4 - 0.3)
    assert learner.scorer().weights == RECIPE.start_weights
    assert (learner.snapshots, learner.labels) == (2, 0)


def test_a_label_before_the_first_snapshot_teaches_the_intercept_alone() -> None:
    learner = Learner(RECIPE)

    learner.learn((10.0, 4.0, 100.0), churned=True)

    scorer = learner.scorer()
    assert scorer.weights == RECIPE.start_weights
    assert scorer.intercept == pytest.approx(0.05 * 0.5 / math.sqrt(1.25))
    assert (learner.snapshots, learner.labels) == (0, 1)


def test_labels_are_standardised_as_of_when_they_are_learned() -> None:
    early, late = Learner(RECIPE), Learner(RECIPE)
    first: list[Lesson] = [((10.0, 4.0, 100.0), None), ((30.0, 2.0, 50.0), None)]
    more: list[Lesson] = [((90.0, 1.0, 7.0), None)]
    label: list[Lesson] = [((30.0, 2.0, 50.0), True)]

    taught(early, [*first, *label, *more])
    taught(late, [*first, *more, *label])

    assert early.scorer().means == late.scorer().means
    assert early.scorer().weights != late.scorer().weights


def test_the_log_odds_that_a_step_is_taken_from_are_those_of_the_scorer() -> None:
    # An error e on the constant moves its accumulator by e², whence the probability can be read.
    learner = taught(Learner(SEVENTEEN), a_day(made_up_labels(300, 17)))
    row = made_up_labels(1, 17, seed=9)[0][0]
    said = Scorer(learner.scorer()).log_odds(row)
    before = learner.state().accumulators[0]

    learner.learn(row, churned=False)

    error = math.sqrt(learner.state().accumulators[0] - before)
    assert math.log(error / (1 - error)) == pytest.approx(said, abs=1e-9)


def share_right(learner: Learner) -> float:
    """How often the sign of the log-odds tells what happened, on labels that were not learned."""
    scorer, fresh = Scorer(learner.scorer()), made_up_labels(1_000, 17, seed=5)
    return sum((scorer.log_odds(row) > 0.0) == churned for row, churned in fresh) / len(fresh)


def test_it_learns_what_there_is_to_learn() -> None:
    free = msgspec.structs.replace(SEVENTEEN, signs=(0,) * 17)

    learner = taught(Learner(free), a_day(made_up_labels(3_000, 17)))

    assert share_right(learner) > 0.8
    assert learner.scorer().weights[0] < -1.0


def test_it_does_not_learn_what_a_sign_forbids() -> None:
    assert SEVENTEEN.signs[0] == 1, "but it is the low ones that churn"

    learner = taught(Learner(SEVENTEEN), a_day(made_up_labels(3_000, 17)))

    assert share_right(learner) < 0.6
    assert learner.scorer().weights[0] == 0.0


def test_without_standardisation_values_are_taken_as_they_come_and_clipped() -> None:
    learner = Learner(AS_THEY_COME)
    learner.feed((10.0, 4.0, 100.0))
    learner.learn((0.0, 1.0, 100.0), churned=False)

    scorer = learner.scorer()

    assert (scorer.means, scorer.scales) == ((0.0,) * 3, (1.0,) * 3)
    assert scorer.weights[0] == 0.4, "0 times anything moves nothing"
    assert scorer.weights[1] < -0.3
    recency, _, spend = Scorer(scorer).contributions((1.0, 1.0, 100.0))
    assert recency == 0.4
    assert spend == 4.0 * scorer.weights[2]


@given(LESSONS, LESSONS)
def test_a_learner_made_of_a_state_goes_on_bit_by_bit(
    before: list[Lesson], after: list[Lesson]
) -> None:
    whole = taught(Learner(RECIPE), before)
    resumed = stored(RECIPE, whole)
    assert all_bits(resumed) == all_bits(whole)

    taught(whole, after)
    taught(resumed, after)

    assert all_bits(resumed) == all_bits(whole)
    assert codec.encode(resumed.state()) == codec.encode(whole.state())


@given(LESSONS)
def test_looking_at_a_learner_changes_nothing(lessons: list[Lesson]) -> None:
    watched, alone = Learner(RECIPE), Learner(RECIPE)

    for lesson in lessons:
        taught(watched, [lesson])
        watched.scorer()
        watched.state()
    taught(alone, lessons)

    assert all_bits(watched) == all_bits(alone)


def test_stored_and_resumed_each_day_it_ends_where_it_would_have_ended() -> None:
    whole, resumed = Learner(SEVENTEEN), Learner(SEVENTEEN)
    for day in range(20):
        lessons = a_day(made_up_labels(40, 17, seed=day))
        taught(whole, lessons)
        resumed = stored(SEVENTEEN, taught(resumed, lessons))

    assert all_bits(resumed) == all_bits(whole)
    assert (resumed.snapshots, resumed.labels) == (800, 800)


def test_another_process_with_other_hashes_of_texts_ends_with_the_same_bytes() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", A_DAY_PRINTED],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }

    here = taught(Learner(SEVENTEEN), a_day(made_up_labels(300, 17)))
    assert printed == {codec.encode(here.state())}


def test_a_state_stands_in_the_order_of_the_inputs_and_the_intercept_comes_first() -> None:
    learner = Learner(RECIPE)
    learner.feed((10.0, 4.0, 100.0))

    assert learner.state() == LearnerState(
        snapshots=1,
        labels=0,
        means=(10.0, 4.0, 100.0),
        variances=(0.0, 0.0, 0.0),
        weights=(0.0, 0.4, -0.3, 0.0),
        accumulators=(1.0, 1.0, 1.0, 1.0),
    )


def test_a_state_of_another_recipe_is_refused() -> None:
    state = Learner(RECIPE).state()

    with pytest.raises(ValueError, match="zip"):
        Learner.of(SEVENTEEN, state)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_refused_and_leaves_the_learner_as_it_was(
    value: float,
) -> None:
    learner = taught(Learner(RECIPE), a_day(made_up_labels(20, 3)))
    before = all_bits(learner)

    with pytest.raises(ValueError, match="a value that is not finite"):
        learner.feed((1.0, value, 2.0))
    with pytest.raises(ValueError, match="a value that is not finite"):
        learner.learn((1.0, value, 2.0), churned=True)

    assert all_bits(learner) == before
    assert (learner.snapshots, learner.labels) == (20, 20)


def test_a_row_of_another_length_is_refused_and_leaves_the_learner_as_it_was() -> None:
    learner = taught(Learner(RECIPE), a_day(made_up_labels(20, 3)))
    before = all_bits(learner)

    with pytest.raises(ValueError, match="zip"):
        learner.feed((1.0, 2.0))
    with pytest.raises(ValueError, match="zip"):
        learner.learn((1.0, 2.0, 3.0, 4.0), churned=True)

    assert all_bits(learner) == before
    assert (learner.snapshots, learner.labels) == (20, 20)


def test_the_scorer_names_the_inputs_and_the_clip_of_the_recipe() -> None:
    scorer = Learner(msgspec.structs.replace(RECIPE, clip=2.5)).scorer()

    assert isinstance(scorer, LinearScorer)
    assert (scorer.inputs, scorer.clip) == (RECIPE.inputs, 2.5)
