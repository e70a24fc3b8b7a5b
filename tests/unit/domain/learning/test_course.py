"""The course of a learner: when labels are released, what they teach, and what is decided of it."""

import math
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.learning.admission import RefusalReason
from domain.learning.course import Course, Decision, Syllabus, beginning
from domain.learning.labels import SnapshotOrderError
from domain.learning.model import start_model
from events import codec
from events.calendar import date_of
from events.models import ChurnModel
from tests.support.given import DAY
from tests.unit.domain.learning.course_given import (
    SYLLABUS,
    Diary,
    go_through,
    made_up_diary,
    new_course,
    snapshot,
    stored,
)
from tests.unit.domain.learning.learning_given import RECIPE

ANNA: Diary = {day: [snapshot("anna", day, 40)] for day in range(42, 140, 7)}
"""Anna bought on day 40, and is looked at every week from day 42 on."""

LONG: Diary = made_up_diary(200, 40)
OF_LONG = go_through(new_course(), LONG, range(200))


def model_of(decision: Decision) -> ChurnModel:
    assert decision.model is not None
    return decision.model


def after(diary: Diary, days: int) -> Course:
    course = new_course()
    go_through(course, diary, range(days))
    return course


def churned_by(last_day: int) -> bool:
    """What is learned on day 133 of Anna's snapshot of day 42, if she bought on ``last_day`` last."""
    diary = {42: [snapshot("anna", 42, 40)], 133: [snapshot("anna", 133, last_day)]}
    intercept = after(diary, 134).state.learner.weights[0]
    assert intercept != 0.0
    return intercept > 0.0


def test_a_label_is_released_a_horizon_after_its_snapshot_and_never_earlier() -> None:
    course = new_course()

    decisions = go_through(course, ANNA, range(133))
    assert course.state.learner.labels == 0
    assert {model_of(d).labels for d in decisions if d.model is not None} == {0}

    (decision,) = go_through(course, ANNA, [133])
    assert model_of(decision).labels == 1


@pytest.mark.parametrize(
    ("last_day", "churned"), [(40, True), (41, True), (42, False), (132, False)]
)
def test_who_bought_from_the_day_of_the_snapshot_on_has_stayed(
    last_day: int, churned: bool
) -> None:
    assert churned_by(last_day) is churned


def test_a_model_tells_from_which_snapshots_its_labels_are() -> None:
    before, first, *_, second = go_through(new_course(), ANNA, range(141))[132:]

    assert before.model is None
    assert model_of(first).first_label_day == model_of(first).last_label_day == date_of(DAY + 42)
    assert second.model is None, "140 is a day without snapshots"
    later = {**ANNA, 140: [snapshot("anna", 140, 40)]}
    last = model_of(go_through(new_course(), later, range(141))[-1])
    assert (last.first_label_day, last.last_label_day) == (date_of(DAY + 42), date_of(DAY + 49))


def test_what_was_seen_in_the_first_six_weeks_is_not_learned_from() -> None:
    early = {
        41: [snapshot("anna", 41, 40)],
        132: [snapshot("anna", 132, 40)],
    }
    course = after(early, 133)

    assert course.state.learner.labels == 0
    assert course.state.first_label_day is None
    assert course.state.loss.labels == 1.0, "how good the score was is known all the same"


def test_a_customer_who_was_set_aside_gives_no_label_and_holds_nobody_up() -> None:
    both = {day: [snapshot("anna", day, 40), snapshot("bert", day, 40)] for day in (42, 49)}
    later = {133: [snapshot("bert", 133, 40)], 140: [snapshot("anna", 140, 40)]}

    course = after({**both, **later}, 141)

    assert course.state.learner.labels == 2


def test_who_was_gone_already_gives_no_label_and_does_not_say_what_is_usual() -> None:
    gone = {42: [snapshot("anna", 42, -50)], 133: [snapshot("anna", 133, -50)]}
    course = after(gone, 134)

    assert course.state.learner.labels == 0
    assert course.state.learner.snapshots == 0
    assert course.state.cut_points.stake.bins == ()


def test_a_newcomer_of_the_later_day_owes_no_label() -> None:
    diary = {42: [snapshot("bert", 42, 40)], 133: [snapshot(n, 133, 130) for n in ("anna", "bert")]}

    assert after(diary, 134).state.learner.labels == 1


def test_snapshots_of_today_say_what_is_usual_before_labels_of_today_are_learned() -> None:
    newcomer = snapshot("bert", 133, 130, (30.0, 2.0, 50.0))
    diary = {42: [snapshot("anna", 42, 40)], 133: [snapshot("anna", 133, 40), newcomer]}

    learner = after(diary, 134).state.learner

    assert (learner.snapshots, learner.labels) == (2, 1)
    assert learner.means == (20.0, 3.0, 75.0)
    # Anna's inputs of day 42 are one deviation below, above and above what was usual by then
    error = 0.5 * math.tanh(0.7 / 2) + 0.5
    assert learner.weights[1] == pytest.approx(max(0.0, 0.4 - 0.05 * error / (1 + error**2) ** 0.5))


def test_without_snapshots_and_labels_the_model_stays() -> None:
    assert go_through(new_course(), {}, range(3)) == [Decision(None)] * 3


def test_a_day_without_snapshots_still_passes() -> None:
    course = after({3: [snapshot("anna", 3, 2)]}, 4)
    (before,) = course.state.cut_points.stake.bins

    go_through(course, {}, range(4, 32))

    (later,) = course.state.cut_points.stake.bins
    assert later == (before[0], pytest.approx(before[1] / 2))


def test_the_first_snapshots_make_a_model_that_has_learned_no_label() -> None:
    (decision,) = go_through(new_course(), {0: [snapshot("anna", 0, 0)]}, [0])

    model = model_of(decision)
    assert (model.recipe, model.snapshots, model.labels) == (RECIPE.title, 1, 0)
    assert (model.log_loss, model.scorer.weights) == (None, RECIPE.start_weights)
    assert model.cut_points is not None
    assert model.cut_points.stake_middle == pytest.approx(900, rel=0.03)


def test_the_live_loss_is_that_of_the_scores_as_they_were_given() -> None:
    diary = {
        42: [snapshot("anna", 42, 40, log_odds=2.0), snapshot("bert", 42, 40, log_odds=-1.0)],
        133: [snapshot("anna", 133, 40), snapshot("bert", 133, 99)],
    }

    decision = go_through(new_course(), diary, range(134))[-1]

    losses = [math.log1p(math.exp(-2.0)), math.log1p(math.exp(-1.0))]
    assert model_of(decision).log_loss == pytest.approx(sum(losses) / 2)


def fifty(day: int, last_day: int) -> list[object]:
    """Of a hundred customers every other one has bought lately; that is what the first input says."""
    return [
        snapshot(f"{n:03}", day, last_day if n % 2 else day, (float(n % 2), 0.0, 0.0))
        for n in range(100)
    ]


def knowing(weight: float) -> ChurnModel:
    """A model that knows what will happen in `fifty`, or the contrary of it."""
    model = start_model(RECIPE)
    scorer = msgspec.structs.replace(
        model.scorer, means=(0.5, 0.0, 0.0), scales=(2.0, 0.0, 0.0), weights=(weight, 0.0, 0.0)
    )
    return msgspec.structs.replace(model, scorer=scorer)


def test_a_model_that_is_clearly_worse_is_refused_and_the_incumbent_stays() -> None:
    # given an incumbent who knows it all, and a learner who knows nothing yet
    state = msgspec.structs.replace(beginning(RECIPE), incumbent=knowing(5.0))
    course = new_course(state=state)
    diary = {42: fifty(42, 40), 133: fifty(133, 40)}

    decisions = go_through(course, diary, [133])

    assert decisions == [Decision(None, RefusalReason.CLEARLY_WORSE.value)]
    assert course.state.incumbent == knowing(5.0)
    assert course.state.learner.labels == 100, "what was learned is kept"


def test_after_a_refusal_learning_goes_on_and_the_next_model_may_be_taken() -> None:
    state = msgspec.structs.replace(beginning(RECIPE), incumbent=knowing(5.0))
    course = new_course(state=state)
    go_through(course, {42: fifty(42, 40), 133: fifty(133, 40)}, [133])

    (decision,) = go_through(course, {134: [snapshot("anna", 134, 130)]}, [134])

    assert model_of(decision).labels == 100
    assert course.state.incumbent == decision.model


def test_a_model_better_than_its_predecessor_is_taken() -> None:
    state = msgspec.structs.replace(beginning(RECIPE), incumbent=knowing(-5.0))
    course = new_course(state=state)

    (decision,) = go_through(course, {42: fifty(42, 40), 133: fifty(133, 40)}, [133])

    assert decision.refused is None
    assert course.state.incumbent == decision.model


def test_a_model_that_broke_is_never_taken() -> None:
    begun = beginning(RECIPE)
    broken = msgspec.structs.replace(begun.learner, weights=(math.inf, 0.4, -0.3, 0.0))
    course = new_course(state=msgspec.structs.replace(begun, learner=broken))

    (decision,) = go_through(course, {3: [snapshot("anna", 3, 2)]}, [3])

    assert decision == Decision(None, RefusalReason.NON_FINITE.value)
    assert course.state.incumbent == start_model(RECIPE)


def test_a_long_course_learns_and_decides_every_day_on_which_something_was_seen() -> None:
    decided = [decision.model is not None for decision in OF_LONG]

    assert decided == [day >= 1 for day in range(200)]
    last = model_of(OF_LONG[-1])
    assert last.labels > 300
    assert last.scorer.weights != RECIPE.start_weights


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_the_order_in_which_snapshots_come_does_not_matter(seed: int) -> None:
    shuffle = random.Random(seed)
    mixed = {day: shuffle.sample(list(taken), len(taken)) for day, taken in LONG.items()}

    assert go_through(new_course(), mixed, range(200)) == OF_LONG


@settings(max_examples=10)
@given(st.sets(st.integers(0, 199), max_size=8))
def test_broken_off_and_taken_up_again_it_decides_the_same_bytes(breaks: set[int]) -> None:
    course = new_course()
    decisions = []
    for day in range(200):
        course = stored(course) if day in breaks else course
        decisions += go_through(course, LONG, [day])

    assert [codec.encode(entry) for entry in decisions] == [codec.encode(e) for e in OF_LONG]


def test_stored_after_every_day_it_ends_in_the_same_state() -> None:
    whole, resumed = new_course(), new_course()
    for day in range(200):
        go_through(whole, LONG, [day])
        go_through(resumed, LONG, [day])
        resumed = stored(resumed)

    assert codec.encode(resumed.state) == codec.encode(whole.state)


def test_what_comes_later_does_not_touch_what_was_decided() -> None:
    until_150 = {day: taken for day, taken in LONG.items() if day < 150}

    assert go_through(new_course(), until_150, range(150)) == OF_LONG[:150]


def test_a_horizon_that_is_no_number_of_weeks_is_refused() -> None:
    course = new_course(Syllabus(RECIPE, 90, 42))

    with pytest.raises(ValueError, match="90 days is no positive multiple of 7"):
        go_through(course, ANNA, [42])


def test_a_customer_who_comes_twice_on_a_day_is_refused() -> None:
    twice = [snapshot("anna", 42, 40), snapshot("anna", 42, 40, (1.0, 2.0, 3.0))]

    with pytest.raises(SnapshotOrderError, match="anna comes out of order, or twice"):
        go_through(new_course(), {42: twice, 133: [snapshot("anna", 133, 40)]}, [133])


def test_the_syllabus_is_what_it_goes_by() -> None:
    assert (SYLLABUS.horizon_days, SYLLABUS.first_days_ignored) == (91, 42)
    at_once = Syllabus(RECIPE, 7, 0)
    course = new_course(at_once)
    week = {0: [snapshot("anna", 0, 0)], 7: [snapshot("anna", 7, 0)]}

    for day in range(8):
        course.go_through(DAY + day, week.get(day, ()), week.get(day - 7, ()))

    assert course.state.learner.labels == 1
