"""What stands of one service: one anomaly at a time, raised once, over in time."""

import pytest

from domain.detection import anomaly
from domain.detection.anomaly import Anomaly, after_day, after_missing_day, noticed
from domain.detection.metering import Judged, Level, Surprise

D = 15_000
BEFORE = Level(level=2.0, spread=0.25, counted=100, based=28)
DOWN = BEFORE._replace(level=1.0)


def stands(surprise: Surprise, day: int = D) -> Anomaly:
    """An anomaly of a service of which e² was expected, with a spread of a quarter."""
    return Anomaly(surprise, day, day + 2, 3.0, 2.0, 0.25, -6.0, 9.0)


DROP, SPIKE = stands(Surprise.DROP), stands(Surprise.SPIKE)
SHIFT_DOWN, SHIFT_UP = stands(Surprise.SHIFT_DOWN), stands(Surprise.SHIFT_UP)


def found(blip: Surprise | None, shift: Surprise | None) -> Judged:
    return Judged(2.0, 0.25, -6.0, 0.0, 8.5, blip, shift)


def test_an_ordinary_day_is_not_noticed() -> None:
    assert noticed(found(None, None), D, D + 2, 7.0) is None


def test_what_is_noticed_says_of_which_day_and_when() -> None:
    fresh = noticed(found(Surprise.DROP, None), D, D + 2, 3.0)

    assert fresh == Anomaly(Surprise.DROP, D, D + 2, 3.0, 2.0, 0.25, -6.0, 8.5)


def test_a_blip_that_completes_a_shift_is_noticed_as_the_shift() -> None:
    fresh = noticed(found(Surprise.DROP, Surprise.SHIFT_DOWN), D, D + 2, 3.0)

    assert fresh is not None
    assert fresh.surprise is Surprise.SHIFT_DOWN


@pytest.mark.parametrize("fresh", [DROP, SPIKE, SHIFT_DOWN, SHIFT_UP])
def test_where_nothing_stands_what_is_noticed_does(fresh: Anomaly) -> None:
    assert after_day(None, fresh, BEFORE, D) == fresh


@pytest.mark.parametrize("blip", [DROP, SPIKE])
def test_a_blip_ends_with_an_ordinary_day(blip: Anomaly) -> None:
    assert after_day(blip, None, BEFORE, D + 1) is None


def test_a_blip_that_goes_on_stands_as_it_was_raised() -> None:
    next_day = stands(Surprise.DROP, D + 1)

    assert after_day(DROP, next_day, BEFORE, D + 1) == DROP


def test_a_blip_to_the_other_side_takes_its_place() -> None:
    assert after_day(DROP, stands(Surprise.SPIKE, D + 1), BEFORE, D + 1) == stands(
        Surprise.SPIKE, D + 1
    )


def test_a_blip_that_turns_out_to_be_a_shift_gives_way_to_it() -> None:
    shift = stands(Surprise.SHIFT_DOWN, D + 6)

    assert after_day(DROP, shift, DOWN, D + 6) == shift


@pytest.mark.parametrize(
    "fresh", [None, stands(Surprise.DROP, D + 9), stands(Surprise.SPIKE, D + 9)]
)
def test_a_shift_stands_through_ordinary_days_and_blips(fresh: Anomaly | None) -> None:
    assert after_day(SHIFT_DOWN, fresh, DOWN, D + 9) == SHIFT_DOWN


def test_a_shift_further_the_same_way_is_not_raised_again() -> None:
    further = stands(Surprise.SHIFT_DOWN, D + 20)

    assert after_day(SHIFT_DOWN, further, DOWN, D + 20) == SHIFT_DOWN


@pytest.mark.parametrize("level", [1.5, 1.8, 2.0, 2.5])
def test_a_shift_back_into_the_old_band_only_ends_it(level: float) -> None:
    back = stands(Surprise.SHIFT_UP, D + 12)

    assert after_day(SHIFT_DOWN, back, BEFORE._replace(level=level), D + 12) is None


@pytest.mark.parametrize("level", [1.4, 2.6])
def test_a_shift_back_that_misses_the_old_band_stands_instead(level: float) -> None:
    back = stands(Surprise.SHIFT_UP, D + 12)

    assert after_day(SHIFT_DOWN, back, BEFORE._replace(level=level), D + 12) == back


@pytest.mark.parametrize(("later", "stands_on"), [(1, True), (27, True), (28, False), (60, False)])
def test_a_shift_is_the_new_normal_after_28_days(later: int, *, stands_on: bool) -> None:
    assert (after_day(SHIFT_UP, None, BEFORE, D + later) is not None) is stands_on
    assert (after_missing_day(SHIFT_UP, D + later) is not None) is stands_on
    assert (after_missing_day(DROP, D + later) is not None) is stands_on


def test_a_missing_day_ends_no_blip() -> None:
    assert after_missing_day(DROP, D + 1) == DROP
    assert after_missing_day(None, D + 1) is None


def test_what_is_not_reported_is_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anomaly, "REPORTED", frozenset({Surprise.DROP, Surprise.SHIFT_DOWN}))

    assert after_day(None, SPIKE, BEFORE, D) is None
    assert after_day(None, DROP, BEFORE, D) == DROP
    assert after_day(SHIFT_DOWN, stands(Surprise.SHIFT_UP, D + 9), BEFORE, D + 9) is None
