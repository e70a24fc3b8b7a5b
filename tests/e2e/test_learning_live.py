"""Days as the wall's calendar begins them: which models are learned, and which stay as they were."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from events.control import ClockMode, ModelDecided
from infra.folder import DataFolder
from services.embedded import Engine, open_engine
from services.new_log import NewLog
from services.ops.verify.report import Relearned
from services.ops.verify.run import verify
from tests.support.given import DAY, LOG, MICROSECONDS_A_DAY, order

NEW_LOG = NewLog("UTC", "GBP", LOG.namespace, ClockMode.WALL)
CUSTOMERS = 20


class MovedClock:
    """A wall clock at noon of a day that the test sets."""

    def __init__(self) -> None:
        self.day = DAY

    def now(self) -> int:
        return self.day * MICROSECONDS_A_DAY + MICROSECONDS_A_DAY // 2


async def live(engine: Engine, wall: MovedClock, *, folding: bool = True) -> None:
    """Live through a day: it is opened, everybody orders, the profiles fold."""
    wall.day += 1
    await engine.day_clock.follow_calendar()
    await engine.log.append([order(f"c{number}", wall.day) for number in range(CUSTOMERS)])
    if folding:
        await engine.profiles.catch_up()


def lived(
    folder: DataFolder, wall: MovedClock, life: Callable[[Engine], Awaitable[None]]
) -> tuple[ModelDecided, ...]:
    """Run an engine through a life; return what is decided then."""

    async def run() -> tuple[ModelDecided, ...]:
        async with open_engine(folder, NEW_LOG, wall) as engine:
            await life(engine)
            head = engine.log.head
            assert head is not None
            return head.decisions[head.projection() or ""]

    return asyncio.run(run())


def relearned(folder: DataFolder) -> Relearned | None:
    report = asyncio.run(verify(folder, lambda *_: None, relearn=True))
    assert report.differences == ()
    return report.relearned


def test_day_by_day_every_model_is_decided_ahead_by_the_learner(tmp_path: Path) -> None:
    folder, wall = DataFolder(tmp_path), MovedClock()

    async def two_weeks(engine: Engine) -> None:
        await engine.profiles.catch_up()
        for _ in range(14):
            await live(engine, wall)

    decisions = lived(folder, wall, two_weeks)

    assert len(decisions) == 15
    assert all(decided.model is not None for decided in decisions[2:]), "once there are snapshots"
    assert relearned(folder) == Relearned(15, 0)


def test_days_that_began_before_the_learner_was_done_stay_as_they_were(tmp_path: Path) -> None:
    folder, wall = DataFolder(tmp_path), MovedClock()

    async def a_busy_night(engine: Engine) -> None:
        await engine.profiles.catch_up()
        for day in range(14):
            await live(engine, wall, folding=day not in {10, 11})

    decisions = lived(folder, wall, a_busy_night)

    unchanged = [number for number, decided in enumerate(decisions) if decided.model is None]
    assert [number for number in unchanged if number > 1] == [11, 12]
    assert relearned(folder) == Relearned(15, 2)


def test_days_that_passed_while_nothing_ran_are_decided_by_the_learner(tmp_path: Path) -> None:
    folder, wall = DataFolder(tmp_path), MovedClock()

    async def a_week(engine: Engine) -> None:
        for _ in range(7):
            await live(engine, wall)

    async def back_again(engine: Engine) -> None:
        await live(engine, wall)

    lived(folder, wall, a_week)
    wall.day += 4
    decisions = lived(folder, wall, back_again)

    assert len(decisions) == 13
    assert all(decided.model is not None for decided in decisions[2:])
    assert relearned(folder) == Relearned(13, 0)
