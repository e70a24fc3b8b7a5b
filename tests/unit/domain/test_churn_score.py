"""A score taken apart adds up to the score, and a change to the change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.churn import LastLook
from domain.detection.churn_recipe import GROUPS, INPUTS
from domain.detection.churn_score import band, change, score, scores, shares
from domain.detection.day_model import START, DayModel
from events.calendar import date_of
from events.figures import Band, GroupShare, ReasonGroup
from tests.support.given import DAY
from tests.support.models import NUMBERS, churn_model, figures, models

INPUT_VALUES = st.tuples(*[NUMBERS] * len(INPUTS))
LITERAL = DayModel(
    churn_model(
        {"recency": 2.0, "one-purchase": 0.5, "spend-91": -1.0, "returns": 0.25},
        means={"recency": 3.0, "spend-91": 5.0},
        intercept=0.1,
    )
)
NOW = figures({"recency": 3.5, "one-purchase": 1.0, "spend-91": 4.0, "returns": 2.0})


def by_group(parts: tuple[GroupShare, ...]) -> dict[ReasonGroup, float]:
    return {part.group: part.log_odds for part in parts}


def test_every_input_stands_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]

    assert sorted(grouped) == sorted(INPUTS)
    assert list(GROUPS) == list(ReasonGroup)


def test_shares_are_what_the_inputs_of_a_group_add() -> None:
    scored = score(LITERAL, NOW)

    assert by_group(shares(scored)) == {
        ReasonGroup.GAP: pytest.approx(2.0 * 0.5 + 0.5),
        ReasonGroup.SPEND_TREND: pytest.approx(-1.0 * -1.0),
        ReasonGroup.USAGE: 0.0,
        ReasonGroup.COMPLAINTS: 0.0,
        ReasonGroup.RETURNS: pytest.approx(0.5),
        ReasonGroup.CONTACTS: 0.0,
    }
    assert scored.log_odds == pytest.approx(0.1 + 1.5 + 1.0 + 0.5)


def test_an_input_counts_for_no_more_than_the_clip() -> None:
    far = figures({"recency": 300.0, "spend-91": 5.0})

    assert by_group(shares(score(LITERAL, far)))[ReasonGroup.GAP] == 2.0 * 4.0


@given(models(), INPUT_VALUES)
def test_base_and_shares_add_up_to_the_score(model: DayModel, inputs: tuple[float, ...]) -> None:
    scored = score(model, inputs)

    parts = [share.log_odds for share in shares(scored)]

    assert math.fsum([model.model.scorer.intercept, *parts]) == pytest.approx(
        scored.log_odds, abs=1e-9
    )
    assert [share.group for share in shares(scored)] == list(ReasonGroup)


@given(models(), models(), INPUT_VALUES, INPUT_VALUES)
def test_before_and_parts_and_the_model_add_up_to_the_score(
    then: DayModel, now: DayModel, before: tuple[float, ...], after: tuple[float, ...]
) -> None:
    look = LastLook.of(DAY - 7, then.scorer.log_odds(before), before)
    scored = score(now, after)

    changed = change(scored, look, DAY)

    assert changed is not None
    parts = [part.log_odds for part in changed.parts]
    assert math.fsum([changed.before, *parts, changed.model]) == pytest.approx(
        scored.log_odds, abs=1e-9
    )
    assert (changed.since, changed.before) == (date_of(DAY - 7), look.log_odds)


def test_before_the_first_turn_there_is_no_change() -> None:
    assert change(score(LITERAL, NOW), None, DAY) is None


def test_after_the_turn_of_today_there_is_no_change_since_this_morning() -> None:
    look = LastLook.of(DAY, 0.7, NOW)

    assert change(score(LITERAL, NOW), look, DAY) is None
    assert change(score(LITERAL, NOW), look, DAY + 1) is not None


@given(models(), st.lists(INPUT_VALUES, max_size=6))
def test_many_are_scored_at_once_as_each_is_alone(
    model: DayModel, rows: list[tuple[float, ...]]
) -> None:
    together = scores(model, rows)

    assert [scored.inputs for scored in together] == rows
    assert [scored.log_odds for scored in together] == [score(model, row).log_odds for row in rows]


def test_a_change_is_told_by_the_model_of_today() -> None:
    # given a customer of whom another model said .7, and who has been silent since
    before = figures({"recency": 3.0, "one-purchase": 1.0, "spend-91": 4.0, "returns": 2.0})
    look = LastLook.of(DAY - 7, 0.7, before)

    changed = change(score(LITERAL, NOW), look, DAY)

    # then half a unit of recency made it 1.0, and what that model would have said is the rest
    assert changed is not None
    assert by_group(changed.parts)[ReasonGroup.GAP] == pytest.approx(2.0 * 0.5)
    assert by_group(changed.parts)[ReasonGroup.SPEND_TREND] == pytest.approx(0.0)
    assert changed.model == pytest.approx((0.1 + 0.5 + 1.0 + 0.5) - 0.7)


@given(INPUT_VALUES)
def test_under_the_same_model_the_model_changed_nothing(inputs: tuple[float, ...]) -> None:
    look = LastLook.of(DAY - 7, LITERAL.scorer.log_odds(inputs), inputs)

    changed = change(score(LITERAL, inputs), look, DAY)

    # a look is kept in 32 bits, which is 5e-7 of a figure below 16
    assert changed is not None
    assert changed.model == pytest.approx(0.0, abs=4e-6)
    assert all(part.log_odds == pytest.approx(0.0, abs=4e-6) for part in changed.parts)


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [
        (9.0, Band.HIGH),
        (0.85, Band.HIGH),
        (0.849, Band.ELEVATED),
        (0.0, Band.ELEVATED),
        (-0.85, Band.ELEVATED),
        (-0.851, Band.LOW),
    ],
)
def test_bands_part_at_seventy_and_thirty_per_cent(log_odds: float, expected: Band) -> None:
    assert band(log_odds) is expected


def test_the_start_model_finds_everybody_elevated_and_gives_no_reason() -> None:
    scored = score(START, NOW)

    assert (scored.log_odds, band(scored.log_odds)) == (0.0, Band.ELEVATED)
    assert {share.log_odds for share in shares(scored)} == {0.0}


def test_inputs_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        score(LITERAL, NOW[:16])
