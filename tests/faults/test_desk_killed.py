"""A desk that is killed again and again: every signal one decision, no task doubled, no outcome lost."""

import json
import random
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.faults.commands import Ended, holdfast, holdfast_after
from tests.faults.folders import log_file, rows
from tests.faults.killed_desk import DeskMoment, prepare_desk_to_die
from tests.support.quiet_shop import name_files, written

SEED = 20110912
CUSTOMERS = 12

WHILE_DECIDING = (
    "signal decided",
    "inside a transaction",
    "signal decided",
    "transaction beginning",
    "inside a transaction",
    "transaction committed",
    "pass made",
    "tasks offered",
    "relay place",
    "relay placed",
    "tasks publishing",
    "tasks published",
)
OFTEN = {
    "line drawn": 2,
    "signal decided": 5,
    "transaction beginning": 2,
    "inside a transaction": 2,
}
WHILE_WORKING = (
    "command carried out",
    "line drawn",
    "line drawn",
    "outcome submitting",
    "transaction committed",
    "outcome submitted",
    "tasks publishing",
    "outcome place",
    "tasks published",
    "outcome placed",
)
"""An accept and a closing by turns; after a closing who waits in line has its turn."""

CLOSED = "SELECT data FROM facts WHERE type = 'crm.retention.closed.v1' ORDER BY data"


def named(folder: Path, moment: DeskMoment | None) -> None:
    """What a process calls first: it knows managers and policy, and dies at the moment."""
    name_files(folder)
    if moment is not None:
        prepare_desk_to_die(moment)


class Shop:
    """A folder in which the same things are done, with kills or without."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.data = folder / name
        self._import = [*written(folder, CUSTOMERS), self.data]

    def run(self, *arguments: str | Path, moment: DeskMoment | None = None) -> Ended:
        return holdfast_after(partial(named, self._folder, moment), *arguments)

    def imported(self, moments: list[DeskMoment]) -> None:
        for moment in moments:
            ended = self.run(*self._import, moment=moment)
            assert ended.code == -signal.SIGKILL, (moment, ended)
        ended = self.run(*self._import)
        assert ended.code == 0, ended

    def tasks(self) -> list[tuple[str, str]]:
        """Each task with its manager, as the inbox has them."""
        ended = self.run("inbox", "--json", "--data", self.data)
        return [
            (row["task"]["task_id"], row["task"]["manager"])
            for row in json.loads(ended.out)["rows"]
        ]

    def worked(self, moments: list[DeskMoment]) -> None:
        """Accept and close every task; a command that was killed is given again."""
        left = iter(moments)
        for task_id, manager in self.tasks():
            own = ["--as", manager, "--data", self.data]
            for step in (["accept"], ["close", "--outcome", "unreachable"]):
                command = ["task", *step, task_id, *own]
                moment = next(left, None)
                if moment is not None:
                    ended = self.run(*command, moment=moment)
                    assert ended.code == -signal.SIGKILL, (moment, ended)
                self.run(*command)
        advanced = self.run("clock", "advance", "--to", "2011-07-14", "--data", self.data)
        assert advanced.code == 0, advanced

    def stands(self) -> tuple[object, ...]:
        """All that must be the same: tasks with their versions, outcomes in the log, both digests."""
        query = "SELECT task_id, state, manager, version, value FROM desk_tasks ORDER BY task_id"
        verified = holdfast("verify", "--data", self.data)
        assert verified.code == 0, verified
        decisions = verified.out.splitlines()[-2]
        return (
            rows(self.data / "desk.db", query),
            rows(log_file(self.data), CLOSED),
            decisions,
            verified.digest,
        )


def seeded(points: tuple[str, ...], kills: int, chance: random.Random) -> list[DeskMoment]:
    chosen = [points[number % len(points)] for number in range(kills)]
    return [DeskMoment(point, chance.randint(1, OFTEN.get(point, 1))) for point in chosen]


def run_killed(folder: Path, deciding: int, working: int) -> None:
    chance = random.Random(SEED)
    unbroken, broken = Shop(folder, "unbroken"), Shop(folder, "broken")
    unbroken.imported([])
    broken.imported(seeded(WHILE_DECIDING, deciding, chance))
    assert broken.tasks() == unbroken.tasks() != []
    unbroken.worked([])
    broken.worked(seeded(WHILE_WORKING, working, chance))

    found, wanted = broken.stands(), unbroken.stands()

    assert found == wanted
    assert len(found[1]) == 4, "one outcome for each task that was closed"


@pytest.mark.timeout(600)
def test_a_desk_killed_at_seeded_moments_ends_as_one_that_nobody_disturbed(tmp_path: Path) -> None:
    run_killed(tmp_path, deciding=2, working=2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_desk_killed_at_twenty_moments_ends_as_one_that_nobody_disturbed(tmp_path: Path) -> None:
    run_killed(tmp_path, deciding=12, working=8)
