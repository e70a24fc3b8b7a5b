"""Value segments: by stake and volume, against the day's cut points, and with inertia."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.purchases import Purchases
from domain.customer.segments import segment, volume
from events.models import CutPoints
from events.signals import ValueSegment

HIGH, MEDIUM, LOW = ValueSegment.HIGH, ValueSegment.MEDIUM, ValueSegment.LOW
RISING = [LOW, MEDIUM, HIGH]
CUTS = CutPoints(stake_middle=10_000.0, stake_high=50_000.0, volume_middle=2.0, volume_high=5.0)
D = 15_000

TABLE = [
    # stake, volume, segment
    (0, 0.0, LOW),
    (10_000, 2.0, LOW),  # a cut point itself is not above it
    (10_001, 0.0, MEDIUM),
    (0, 2.1, MEDIUM),
    (50_000, 2.0, MEDIUM),
    (50_001, 0.0, HIGH),
    (50_001, 9.0, HIGH),
    (10_001, 5.1, HIGH),
    (10_000, 5.1, MEDIUM),  # many small orders alone
    (10_001, 5.0, MEDIUM),
]


@pytest.mark.parametrize(("stake", "days", "expected"), TABLE)
def test_a_customer_is_placed_by_stake_and_volume(
    stake: int, days: float, expected: ValueSegment
) -> None:
    assert segment(stake, days, CUTS, None) is expected


@pytest.mark.parametrize("current", [None, LOW, MEDIUM, HIGH])
def test_without_cut_points_everybody_stays(current: ValueSegment | None) -> None:
    assert segment(10**9, 90.0, None, current) is current


STAYING = [
    # stake, volume, current, segment
    (50_001, 0.0, MEDIUM, MEDIUM),  # above the cut point, by less than a tenth
    (55_001, 0.0, MEDIUM, HIGH),
    (45_001, 0.0, HIGH, HIGH),
    (45_000, 0.0, HIGH, MEDIUM),
    (9_001, 0.0, MEDIUM, MEDIUM),
    (9_000, 1.8, MEDIUM, LOW),
    (9_000, 1.81, MEDIUM, MEDIUM),
    (11_000, 2.2, LOW, LOW),
    (11_001, 0.0, LOW, MEDIUM),
    (55_001, 0.0, LOW, HIGH),
    (0, 0.0, HIGH, LOW),
    (9_001, 0.0, HIGH, MEDIUM),
    (52_000, 0.0, LOW, MEDIUM),  # far above low, but not surely high
    (9_001, 4.6, HIGH, HIGH),
    (11_001, 5.6, MEDIUM, HIGH),
]


@pytest.mark.parametrize(("stake", "days", "current", "expected"), STAYING)
def test_a_customer_leaves_its_segment_only_by_a_tenth(
    stake: int, days: float, current: ValueSegment, expected: ValueSegment
) -> None:
    assert segment(stake, days, CUTS, current) is expected


def test_who_trembles_about_a_cut_point_stays_where_it_is() -> None:
    current: ValueSegment | None = None
    placed = []
    for stake in (50_500, 49_500, 50_500, 46_000, 54_000, 44_000, 49_000, 54_900, 56_000):
        current = segment(stake, 0.0, CUTS, current)
        placed.append(current)

    assert placed == [HIGH, HIGH, HIGH, HIGH, HIGH, MEDIUM, MEDIUM, MEDIUM, HIGH]


def test_cut_points_at_nothing_leave_low_to_those_with_nothing() -> None:
    none = CutPoints(0.0, 0.0, 0.0, 0.0)

    assert segment(0, 0.0, none, None) is LOW
    assert segment(0, 0.0, none, HIGH) is LOW
    assert segment(1, 0.0, none, LOW) is HIGH


amounts = st.floats(0.0, 1e9)
cuts = st.builds(
    lambda stakes, days: CutPoints(*sorted(stakes), *sorted(days)),
    st.tuples(amounts, amounts),
    st.tuples(st.floats(0.0, 91.0), st.floats(0.0, 91.0)),
)
stakes, days, segments = st.integers(0, 10**9), st.floats(0.0, 91.0), st.sampled_from(RISING)


@given(stakes, days, cuts, segments)
def test_to_be_placed_twice_is_to_be_placed_once(
    stake: int, volume: float, cut_points: CutPoints, current: ValueSegment
) -> None:
    placed = segment(stake, volume, cut_points, current)

    assert segment(stake, volume, cut_points, placed) is placed


@given(stakes, days, cuts, segments)
def test_where_one_would_be_placed_anew_is_never_passed_by(
    stake: int, volume: float, cut_points: CutPoints, current: ValueSegment
) -> None:
    anew = RISING.index(segment(stake, volume, cut_points, None))
    placed = RISING.index(segment(stake, volume, cut_points, current))
    before = RISING.index(current)

    assert min(before, anew) <= placed <= max(before, anew)


@given(stakes, stakes, days, days, cuts, st.none() | segments)
def test_more_stake_and_more_volume_never_place_lower(
    stake: int,
    more: int,
    volume: float,
    more_days: float,
    cut_points: CutPoints,
    current: ValueSegment | None,
) -> None:
    less = segment(stake, volume, cut_points, current)
    greater = segment(stake + more, volume + more_days, cut_points, current)

    assert RISING.index(greater) >= RISING.index(less)


@given(stakes, days, cuts)
def test_who_is_placed_anew_stays_while_cut_points_move_by_less_than_a_tenth(
    stake: int, volume: float, cut_points: CutPoints
) -> None:
    placed = segment(stake, volume, cut_points, None)

    for moved in (0.92, 0.96, 1.0, 1.04, 1.08):
        other = CutPoints(*(moved * cut for cut in msgspec.structs.astuple(cut_points)))
        assert segment(stake, volume, other, placed) is placed


def test_volume_is_purchase_days_over_a_quarter() -> None:
    weekly = Purchases()
    for day in range(D, D + 7 * 104, 7):
        weekly = weekly.with_order(day, day, 100).with_order(day, day, 100)

    assert volume(weekly, D + 7 * 103) == pytest.approx(13.0, rel=0.12)
    assert volume(weekly, D + 7 * 103) < 13.0


def test_the_first_purchase_is_one_in_four_weeks() -> None:
    assert volume(Purchases().with_order(D, D, 100), D) == 91 / 28
    assert volume(Purchases().with_order(D, D, 100), D + 182) == pytest.approx(
        0.5 / (0.5 * 182 / 0.693147 + 28) * 91, rel=1e-5
    )


def test_who_never_bought_has_no_volume() -> None:
    assert volume(Purchases(), D) == 0.0
    assert volume(Purchases().with_return(D, D, 100), D + 1) == 0.0
