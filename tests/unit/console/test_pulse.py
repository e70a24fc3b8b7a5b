"""When a page calls itself fresh, catching up, or stale."""

import datetime

import msgspec
import pytest

from services.console.pulse import PATIENCE, Level, PulseWatch, Standing
from tests.unit.ops.folders import StandingClock

FRESH = Standing(datetime.date(2011, 4, 4), 100, 0, 0, None)


def changed(**values: object) -> Standing:
    return msgspec.structs.replace(FRESH, **values)


@pytest.mark.parametrize(
    ("standing", "level"),
    [
        (FRESH, Level.FRESH),
        (changed(behind=3), Level.CATCHING_UP),
        (changed(unopened=1), Level.CATCHING_UP),
        (changed(halted="a record of another release"), Level.STALE),
        (changed(as_of=None), Level.STALE),
    ],
)
def test_a_first_look(standing: Standing, level: Level) -> None:
    assert PulseWatch(StandingClock()).judge(standing).level is level


def test_behind_and_moving_is_well_and_behind_and_still_is_not() -> None:
    clock = StandingClock(0)
    watch = PulseWatch(clock)

    levels = []
    for instant, position in [(0, 1), (PATIENCE - 1, 1), (PATIENCE, 1), (PATIENCE + 1, 2)]:
        clock.instant = instant
        levels.append(watch.judge(changed(behind=9, position=position)).level)

    moving, stale = Level.CATCHING_UP, Level.STALE
    assert levels == [moving, moving, stale, moving]


def test_what_stood_still_with_nothing_to_do_was_not_stuck() -> None:
    clock = StandingClock(0)
    watch = PulseWatch(clock)
    watch.judge(FRESH)
    clock.instant = 100 * PATIENCE

    assert watch.judge(changed(behind=1)).level is Level.CATCHING_UP
