"""A customer's weekly turn: a snapshot as of the start of the day, on one weekday, for ever."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.segments import volume
from domain.customer.slice import FoldedSlice
from domain.customer.stake import stake
from domain.detection.churn_inputs import inputs_of
from domain.detection.churn_recipe import INPUTS
from domain.detection.day_model import START
from events.calendar import date_of, day_number
from events.orders import OrderPlaced
from events.snapshots import SnapshotTaken
from events.usage import UsageRecorded
from events.values import Quantity
from tests.support.given import DAY, ref
from tests.support.models import ALWAYS_BY_RECENCY, BY_RECENCY, by_recency, scoring
from tests.support.steps import ANNA, GBP, bought, buying, life

TURNS = range(3, 1_000, 7)
"""Anna's turns: her weekday is that of day 3."""

USED = UsageRecorded(ref("anna"), "mobile-data", Quantity(1.5, "GB"))


def snapshots(folded: FoldedSlice) -> list[SnapshotTaken]:
    return [entry.event for entry in folded.said if isinstance(entry.event, SnapshotTaken)]


def days(taken: Iterable[SnapshotTaken]) -> list[int]:
    return [day_number(snapshot.day) - DAY for snapshot in taken]


def test_there_is_one_a_week_from_the_day_after_the_first_purchase_on() -> None:
    assert days(snapshots(life(buying(0), 30))) == [3, 10, 17, 24]
    assert days(snapshots(life(buying(2), 30))) == [3, 10, 17, 24]
    assert days(snapshots(life(buying(3), 30))) == [10, 17, 24], "not on the day itself"
    assert days(snapshots(life(buying(4), 30))) == [10, 17, 24]


def test_they_go_on_for_ever() -> None:
    assert days(snapshots(life(buying(0), 999))) == list(TURNS)[:143]


def test_further_purchases_move_no_turn() -> None:
    assert days(snapshots(life(buying(0, 3, 5, 9, 10, 18), 30))) == [3, 10, 17, 24]


def test_who_never_bought_has_none() -> None:
    folded = life([(0, USED), (5, USED)], 60)

    assert folded.said == []
    assert folded.state is not None
    assert folded.state.due_day() is None


def test_a_first_purchase_that_comes_late_begins_the_turns_when_it_comes() -> None:
    folded = life([], 20, arrivals=[(1, 10, bought())])

    assert days(snapshots(folded)) == [17]
    assert snapshots(folded)[0].last_day == date_of(DAY + 1)


def test_what_happens_on_the_day_itself_is_not_in_it() -> None:
    third, fourth = snapshots(life(buying(0, 5, 17), 24))[2:]

    assert (third.day, third.last_day) == (date_of(DAY + 17), date_of(DAY + 5))
    assert fourth.last_day == date_of(DAY + 17)


def test_it_is_what_the_state_of_the_evening_before_says_of_the_morning() -> None:
    evening = life(buying(0, 5, 9), 9).state
    *_, taken = snapshots(life(buying(0, 5, 9, 10), 10))

    assert evening is not None
    assert taken.inputs == inputs_of(evening, DAY + 10)
    assert taken.stake == stake(evening.purchases, DAY + 10)
    assert taken.volume == volume(evening.purchases, DAY + 10)


def test_it_tells_of_purchases_in_figures() -> None:
    (*_, taken) = snapshots(life(buying(0, 10, 16), 17))

    assert (taken.last_day, taken.active) == (date_of(DAY + 16), True)
    assert taken.usual_gap == 8.0
    left = [2 ** (-days / 182) for days in (17, 7, 1)]
    assert taken.purchase_days_182 == pytest.approx(sum(left))
    assert taken.spent_182 == pytest.approx(1_000 * sum(left))


def test_after_one_purchase_there_is_no_usual_gap() -> None:
    (taken,) = snapshots(life(buying(0), 3))

    assert taken.usual_gap is None
    assert dict(zip(INPUTS, taken.inputs, strict=True))["one-purchase"] == 1.0


def test_active_is_who_bought_within_the_horizon() -> None:
    taken = snapshots(life(buying(3), 108))

    assert [(day, s.active) for day, s in zip(days(taken), taken, strict=True)][-3:] == [
        (94, True),  # 91 days after
        (101, False),
        (108, False),
    ]


def test_the_score_is_that_of_the_model_of_the_day() -> None:
    other = by_recency(weight=1.0)
    models = scoring((5, BY_RECENCY), (12, other))

    first, second, third = snapshots(life(buying(0), 17, models=models))

    assert [taken.model for taken in (first, second, third)] == [
        START.version,
        BY_RECENCY.version,
        other.version,
    ]
    assert first.log_odds == 0.0
    assert second.log_odds == BY_RECENCY.scorer.log_odds(second.inputs) != 0.0
    assert third.log_odds == other.scorer.log_odds(third.inputs)


def test_a_turn_keeps_a_look_at_what_it_saw() -> None:
    folded = life(buying(0), 12, models=ALWAYS_BY_RECENCY)

    assert folded.state is not None
    look = folded.state.churn.last_look
    assert look is not None
    (*_, taken) = snapshots(folded)
    assert (look.day, look.log_odds) == (DAY + 10, taken.log_odds)
    assert look.inputs() == pytest.approx(taken.inputs, abs=1e-6)
    assert folded.state.churn.due_day == DAY + 17


def test_the_snapshot_comes_after_what_is_said_of_the_day() -> None:
    folded = life(buying(*range(0, 64, 7)), 101, models=ALWAYS_BY_RECENCY)

    names = [type(entry.event).__name__ for entry in folded.said if entry.day == DAY + 101]
    assert names == ["RiskRaised", "CustomerCard", "SnapshotTaken"]


def test_scores_of_a_day_found_at_once_are_those_that_each_turn_finds_by_itself() -> None:
    # given customers of whom some are due on day 17, and others are not
    fold = GBP.under(BY_RECENCY)
    lives = [life(buying(*days), 16).state for days in ((0,), (0, 5, 9), (11, 12), (16,))]
    waiting = life([(0, USED)], 16).state
    states = [state for state in [*lives, waiting] if state is not None]

    found = fold.turn_scores(states, DAY + 17)

    assert [scored is None for scored in found] == [False] * 4 + [True]
    assert fold.turn_scores(states, DAY + 16) == [None] * 5
    for state, scored in zip(states, found, strict=True):
        assert fold.due_day(ANNA, state, DAY + 17, scored) == fold.due_day(ANNA, state, DAY + 17)


FACTS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from((USED, bought()))), max_size=12).map(
    lambda facts: sorted(facts, key=lambda fact: fact[0])
)


@given(FACTS, st.integers(60, 140))
def test_whatever_happens_a_turn_a_week_is_all_there_is(
    facts: list[tuple[int, msgspec.Struct]], until: int
) -> None:
    first = min((day for day, event in facts if isinstance(event, OrderPlaced)), default=until)

    folded = life(facts, until, models=ALWAYS_BY_RECENCY)

    assert days(snapshots(folded)) == [day for day in TURNS if first < day <= until]
