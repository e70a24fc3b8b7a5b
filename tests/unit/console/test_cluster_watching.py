"""What is seen of a cluster: stale where something is left undone and nothing moves, or nobody answers."""

import asyncio
from collections.abc import Sequence

from events.calendar import day_number
from infra.desk.port import DeskUnavailableError
from infra.desk.postgres_progress import DeskProgress
from infra.log.head import LogHead
from infra.log.kafka_fetching import LogUnreadableError
from infra.state.port import Position
from services.console.cluster_watcher import ClusterWatcher
from services.console.pulse import PATIENCE, Level
from services.console.tasks.desk_watch import DeskWatch
from tests.support.desks import DAY
from tests.support.given import LOG

SECOND = 1_000_000
WELL = DeskProgress(led=True, undecided=0, unpublished=0, moved=1)


class Wall:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        return self.at


class Cluster:
    """What a test lets be seen."""

    def __init__(self) -> None:
        self.folded = [10, 20]
        self.ends_at = [10, 20]
        self.answers = True

    def head(self) -> LogHead:
        return LogHead(LOG)

    async def positions(self, head: LogHead) -> Sequence[Position]:
        if not self.answers:
            raise LogUnreadableError("nobody answers")
        day = day_number(DAY)
        return [Position(offset=at, open_day=day) for at in self.folded]

    async def ends(self, folded: Sequence[int]) -> Sequence[int]:
        return self.ends_at


def levels(cluster: Cluster, *steps: tuple[int, dict[str, object]]) -> list[Level]:
    """How fresh everything is called at each step: seconds that pass, and what changes."""
    wall, desk = Wall(), {"stands": False}
    watcher = ClusterWatcher(cluster, wall, lambda: desk["stands"])

    async def look() -> list[Level]:
        found = []
        for seconds, changed in steps:
            wall.at += seconds * SECOND
            for name, value in changed.items():
                if name == "stands":
                    desk["stands"] = bool(value)
                else:
                    setattr(cluster, name, value)
            await watcher.look()
            found.append(watcher.seen().pulse.level)
        return found

    return asyncio.run(look())


def test_profiles_that_stop_are_stale_after_a_while_and_fresh_once_they_have_caught_up() -> None:
    assert levels(
        Cluster(),
        (0, {}),
        (1, {"ends_at": [10, 25]}),
        (5, {}),
        (5, {}),
        (5, {"folded": [10, 24]}),
        (1, {"folded": [10, 25]}),
    ) == [
        Level.FRESH,
        Level.CATCHING_UP,
        Level.CATCHING_UP,
        Level.STALE,
        Level.CATCHING_UP,
        Level.FRESH,
    ]


def test_servers_that_do_not_answer_are_stale_at_once() -> None:
    found = levels(Cluster(), (0, {}), (1, {"answers": False}), (1, {"answers": True}))

    assert found == [Level.FRESH, Level.STALE, Level.FRESH]


def test_a_desk_that_stands_makes_all_of_it_stale() -> None:
    found = levels(Cluster(), (0, {}), (1, {"stands": True}), (1, {"stands": False}))

    assert found == [Level.FRESH, Level.STALE, Level.FRESH]


def test_before_anything_is_folded_it_is_stale() -> None:
    assert levels(Cluster(), (0, {"folded": []})) == [Level.STALE]


def judged(*steps: tuple[int, DeskProgress | Exception]) -> list[bool]:
    """Whether the desk is said to stand still, at each step: seconds that pass, and what is seen."""
    wall, seen = Wall(), list(steps)

    async def look() -> DeskProgress:
        found = seen[0][1]
        if isinstance(found, Exception):
            raise found
        return found

    async def watched() -> list[bool]:
        watch, found = DeskWatch(look, wall), []
        while seen:
            wall.at += seen[0][0] * SECOND
            await watch.look()
            seen.pop(0)
            found.append(watch.failed is not None)
        return found

    return asyncio.run(watched())


def test_alerts_that_nobody_leads_are_missed_after_a_while() -> None:
    gone = WELL._replace(led=False)

    assert judged((0, WELL), (1, gone), (5, gone), (5, gone), (1, WELL)) == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_signals_and_events_that_are_left_are_fine_while_something_moves() -> None:
    busy = [WELL._replace(undecided=3, moved=number) for number in range(4)]
    stuck = WELL._replace(unpublished=9, moved=3)
    patience = PATIENCE // SECOND

    assert judged(*[(patience, one) for one in busy]) == [False] * 4
    assert judged((0, WELL), (1, stuck), (1, stuck), (patience, stuck)) == [
        False,
        False,
        False,
        True,
    ]


def test_a_desk_that_does_not_answer_is_said_to_stand_at_once() -> None:
    assert judged((0, WELL), (1, DeskUnavailableError("away")), (1, WELL)) == [False, True, False]
