"""The detector of dense metering: what it learns of a service, and what it finds surprising."""

import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection import metering
from domain.detection.metering import Judged, Level, Surprise, band, judged, learned

WEEK = (10.0, 11.0, 9.0, 10.5, 12.0, 6.0, 5.0)
UNREST = (1.0, 1.2, 0.85, 1.1, 0.8, 1.15, 0.9, 1.25, 0.75, 1.05)


def ordinary(day: int) -> float:
    """A day's total: a weekday pattern, and unrest with a spread of about 0.18."""
    return WEEK[day % 7] * UNREST[day % 10]


def after(totals: Iterable[float], level: Level | None = None, first: int = 0) -> Level:
    """What is usual after these days."""
    level = level or Level()
    for day, total in enumerate(totals, first):
        level = learned(level, day, total, judged(level, day, total))
    return level


def verdicts(totals: Iterable[float], level: Level, first: int) -> list[Judged]:
    """What is found of each of these days."""
    found = []
    for day, total in enumerate(totals, first):
        found.append(judged(level, day, total))
        level = learned(level, day, total, found[-1])
    return found


SEASONED = after(map(ordinary, range(140)))


def test_the_first_day_of_use_is_all_that_is_known() -> None:
    level = after([8.0])

    assert level == Level(math.log(8.0), 8.0, counted=1, based=1)


def test_a_zero_before_the_first_use_says_nothing() -> None:
    assert after([0.0, 0.0]) == Level()


def test_level_and_weekdays_come_out_as_they_are() -> None:
    expected = [SEASONED.level + part for part in SEASONED.weekdays]

    assert [math.exp(each) for each in expected] == pytest.approx(WEEK, rel=0.12)


def test_the_spread_comes_out_as_it_is() -> None:
    assert SEASONED.spread == pytest.approx(0.18, abs=0.04)


def test_a_young_service_learns_faster_than_an_old_one() -> None:
    young, old = after([10.0] * 3), after([10.0] * 200)

    assert after([20.0], young, 3).level - young.level > 0.1
    assert after([20.0], old, 200).level - old.level < 0.03


def test_a_service_is_not_judged_before_56_days_counted() -> None:
    level = after(map(ordinary, range(55)))
    found = verdicts([0.0, ordinary(56), 0.0], level, 55)

    assert [each.blip for each in found] == [None, None, Surprise.DROP]


@pytest.mark.parametrize(
    ("times", "blip"),
    [
        (1.0, None),
        (1.6, None),
        (0.6, None),
        (6.0, Surprise.SPIKE),
        (0.1, Surprise.DROP),
        (0.0, Surprise.DROP),
    ],
)
def test_a_day_beyond_five_spreads_is_a_blip(times: float, blip: Surprise | None) -> None:
    found = judged(SEASONED, 140, WEEK[0] * times)

    assert found.blip is blip
    assert (abs(found.deviation) > metering.BLIP_BEYOND) is (blip is not None)


def test_the_same_total_is_ordinary_on_one_weekday_and_not_on_another() -> None:
    sunday, thursday = judged(SEASONED, 146, 5.0), judged(SEASONED, 140, 5.0)

    assert abs(sunday.deviation) < 1.0
    assert thursday.deviation < -3.0


def test_one_wild_day_moves_the_level_no_further_than_an_unlikely_one() -> None:
    unlikely = after([WEEK[0] * 1.6], SEASONED, 140)
    wild = after([WEEK[0] * 10_000.0], SEASONED, 140)

    assert wild.level == pytest.approx(unlikely.level, abs=1e-3)
    assert wild.spread < SEASONED.spread * 1.06


def test_a_wild_day_does_not_raise_the_floor_over_what_is_usual() -> None:
    level = after([WEEK[0] * 1e9], SEASONED, 140)

    assert judged(level, 141, 0.0).blip is Surprise.DROP
    assert judged(level, 141, ordinary(141)).blip is None


def days_until_alarm(times: float) -> int | None:
    """On which day of a lasting change a shift is found; None for not within 60 days."""
    found = verdicts((ordinary(day) * times for day in range(140, 200)), SEASONED, 140)
    alarms = [number for number, each in enumerate(found, 1) if each.shift is not None]
    return alarms[0] if alarms else None


@pytest.mark.parametrize(
    ("times", "days"), [(0.0, 6), (0.5, 6), (0.7, 13), (1.0, None), (1.5, 8), (3.0, 6)]
)
def test_a_lasting_change_is_a_shift_after_six_days_at_the_earliest(
    times: float, days: int | None
) -> None:
    assert days_until_alarm(times) == days


def test_a_shift_is_told_by_its_direction() -> None:
    down = verdicts((ordinary(day) * 0.5 for day in range(140, 147)), SEASONED, 140)
    up = verdicts((ordinary(day) * 2.0 for day in range(140, 147)), SEASONED, 140)

    assert Surprise.SHIFT_DOWN in {each.shift for each in down}
    assert Surprise.SHIFT_UP in {each.shift for each in up}


@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_an_outage_of_five_days_is_blips_and_no_shift(days: int) -> None:
    outage = [0.0] * days + [ordinary(day) for day in range(140 + days, 170)]
    found = verdicts(outage, SEASONED, 140)

    assert [each.blip for each in found[:days]] == [Surprise.DROP] * days
    assert {each.shift for each in found} == {None}
    assert {each.blip for each in found[days:]} == {None}


def test_after_a_shift_the_level_is_based_anew_and_no_day_is_surprising() -> None:
    halved = (ordinary(day) * 0.5 for day in range(140, 240))
    found = verdicts(halved, SEASONED, 140)

    assert [number for number, each in enumerate(found) if each.shift is not None] == [5]
    assert {each.blip for each in found} == {None}
    level = after((ordinary(day) * 0.5 for day in range(140, 240)), SEASONED, 140)
    assert level.level == pytest.approx(SEASONED.level + math.log(0.5), abs=0.06)


def test_who_stops_altogether_is_found_once_and_then_left_alone() -> None:
    found = verdicts([0.0] * 91, SEASONED, 140)
    shifts = [number for number, each in enumerate(found) if each.shift is not None]

    assert shifts == [5]
    assert {each.blip for each in found[6:]} == {None}


def test_a_band_holds_what_is_usual_and_little_else() -> None:
    low, middle, high = band(SEASONED.level + SEASONED.weekdays[0], SEASONED.spread)
    of_thursdays = [ordinary(day) for day in range(0, 140, 7)]

    assert low < middle < high
    assert [total for total in of_thursdays if not low <= total <= high] == []
    assert middle == pytest.approx(10.0, rel=0.12)
    assert judged(SEASONED, 140, low / 2).deviation < -metering.BAND


@given(st.lists(st.floats(0.0, 1e15), max_size=150), st.integers(-30_000, 30_000))
def test_whatever_is_used_the_figures_stay_finite(totals: list[float], first: int) -> None:
    level = after(totals, first=first)

    assert all(math.isfinite(number) for number in (level.level, level.mean_used, level.spread))
    assert metering.SPREAD_RANGE[0] <= level.spread <= metering.SPREAD_RANGE[1]
    assert all(map(math.isfinite, level.weekdays))
    assert 0.0 <= level.up <= metering.SHIFT_ABOVE
    assert 0.0 <= level.down <= metering.SHIFT_ABOVE


@given(st.lists(st.floats(1e-3, 1e6), min_size=60, max_size=120), st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(totals: list[float], scale: float) -> None:
    ours, theirs = after(totals), after([total * scale for total in totals])

    assert theirs.level == pytest.approx(ours.level + math.log(scale), abs=1e-6)
    assert theirs.spread == pytest.approx(ours.spread, abs=1e-6)
    assert (theirs.up, theirs.down) == pytest.approx((ours.up, ours.down), abs=1e-4)
