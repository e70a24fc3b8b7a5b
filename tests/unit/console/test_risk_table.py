"""The history of a risk adds up, as it is folded and as it is shown."""

import math

from hypothesis import given
from hypothesis import strategies as st

from events.calendar import date_of
from events.figures import Band, GroupShare, ReasonGroup, ScoreChange
from infra.folder import DataFolder
from services.console.risk_table import risk_table
from services.ops.customer_past import RiskPoint, past_of
from tests.unit.ops.folders import id_of, read

GROUPS = tuple(ReasonGroup)
amounts = st.floats(-9, 9)
parts = st.tuples(*[amounts] * len(GROUPS))


def shares(told: tuple[float, ...]) -> tuple[GroupShare, ...]:
    return tuple(GroupShare(group, amount) for group, amount in zip(GROUPS, told, strict=True))


@given(amounts, parts, amounts)
def test_a_row_adds_up_as_it_is_shown(before: float, told: tuple[float, ...], model: float) -> None:
    change = ScoreChange(date_of(1), before, shares(told), model)
    now = math.fsum((before, *told, model))
    point = RiskPoint(8, now, None, Band.LOW, "m", before, shares(told), change)

    row = risk_table([point]).rows[0]

    hundredths = [round(one * 100) for one in (row.before, *row.parts, row.model)]
    assert sum(hundredths) == round(row.now * 100)
    assert abs(row.now - now) < 0.01


def test_every_week_that_is_folded_adds_up(folder: DataFolder) -> None:
    past = read(folder, lambda reading: past_of(reading, id_of("A"), None))

    assert past is not None
    assert len(past.risk) >= 8
    for point in past.risk:
        assert math.isclose(point.base + sum(one.log_odds for one in point.shares), point.log_odds)
    for point in past.risk[1:]:
        assert point.change is not None
        moved = sum(one.log_odds for one in point.change.parts) + point.change.model
        assert math.isclose(point.change.before + moved, point.log_odds, abs_tol=1e-9)
