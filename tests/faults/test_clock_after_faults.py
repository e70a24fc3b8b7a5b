"""Days that nobody opened in time: by command on a standing clock, after a gap on the wall's."""

import datetime
import json
import shutil
import signal
from pathlib import Path

import msgspec
import pytest

from infra.clock import SystemClock
from tests.faults.commands import holdfast_killed, serving
from tests.faults.conftest import RunHere
from tests.faults.events import order, send
from tests.faults.folders import log_file, rows
from tests.faults.killed import Moment


def marks(data: Path, after: int) -> list[str]:
    """The marks above an offset, in words: days by their date, and what is emitted from there on."""
    query = "SELECT data FROM facts WHERE customer_id IS NULL AND offset > ? ORDER BY offset"
    found = [json.loads(str(data, "utf-8")) for (data,) in rows(log_file(data), query, after)]
    return [mark.get("day") or mark["emission"] for mark in found]


def last_offset(data: Path) -> int:
    """The offset of the last fact or mark."""
    ((offset,),) = rows(log_file(data), "SELECT max(offset) FROM facts")
    assert isinstance(offset, int)
    return offset


def open_day(data: Path) -> datetime.date:
    """The last day that was opened."""
    query = "SELECT data FROM control WHERE type = 'crm.day.opened.v2' ORDER BY offset DESC LIMIT 1"
    ((found,),) = rows(log_file(data), query)
    return datetime.date.fromisoformat(json.loads(str(found, "utf-8"))["day"])


def test_a_week_at_once_is_lived_through(imported: Path, run_here: RunHere) -> None:
    end, opened = last_offset(imported), open_day(imported)
    week = [opened + datetime.timedelta(days=number) for number in range(1, 8)]

    ended = run_here("clock", "advance", "--to", week[-1].isoformat(), "--data", imported)

    assert ended.code == 0, ended
    assert marks(imported, end) == [day.isoformat() for day in week]
    assert run_here("verify", "--data", imported).code == 0


def test_more_than_a_week_at_once_is_history(imported: Path, run_here: RunHere) -> None:
    end, opened = last_offset(imported), open_day(imported)
    days = [opened + datetime.timedelta(days=number) for number in range(1, 9)]

    ended = run_here("clock", "advance", "--to", days[-1].isoformat(), "--data", imported)

    assert ended.code == 0, ended
    assert marks(imported, end) == ["history", *(day.isoformat() for day in days), "live"]
    assert run_here("verify", "--data", imported).code == 0


def test_the_same_days_in_one_step_or_in_many_fold_to_the_same(
    imported: Path, imported_once: Path, run_here: RunHere, tmp_path: Path
) -> None:
    opened = open_day(imported)
    for days in (3, 9, 30):
        to = opened + datetime.timedelta(days=days)
        assert run_here("clock", "advance", "--to", to.isoformat(), "--data", imported).code == 0
    in_many = run_here("verify", "--data", imported).digest

    at_once = tmp_path / "at once"
    at_once.mkdir()
    for path in imported_once.iterdir():
        if path.is_file():
            (at_once / path.name).write_bytes(path.read_bytes())
    assert run_here("clock", "advance", "--to", to.isoformat(), "--data", at_once).code == 0

    assert run_here("verify", "--data", at_once).digest == in_many


def test_a_day_that_is_open_already_is_not_opened_again(imported: Path, run_here: RunHere) -> None:
    end, opened = last_offset(imported), open_day(imported)
    before = opened - datetime.timedelta(days=1)

    ended = run_here("clock", "advance", "--to", before.isoformat(), "--data", imported)

    assert ended.code == 2
    assert f"day {opened} is open already; days never close" in ended.complaint
    assert last_offset(imported) == end


@pytest.mark.parametrize("point", ["day opening", "day written", "publish", "state commit"])
def test_a_clock_killed_while_it_opens_days_opens_each_of_them_once(
    imported: Path, imported_once: Path, run_here: RunHere, point: str
) -> None:
    end, opened = last_offset(imported), open_day(imported)
    days = [opened + datetime.timedelta(days=number) for number in range(1, 31)]
    advance = ["clock", "advance", "--to", days[-1].isoformat(), "--data", imported]

    ended = holdfast_killed(Moment(point, from_offset=end), *map(str, advance))
    assert ended.code == -signal.SIGKILL, ended
    again = run_here(*advance)

    assert again.code == 0, again
    assert marks(imported, end) == ["history", *(day.isoformat() for day in days), "live"]
    assert run_here("verify", "--data", imported).code == 0


class LaterClock:
    """A wall clock that is some days ahead of the real one."""

    def __init__(self, days: int) -> None:
        self._ahead = days * 86_400_000_000

    def now(self) -> int:
        return SystemClock().now() + self._ahead


@pytest.fixture(scope="module")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose clock follows the wall, with some orders of today."""
    data = tmp_path_factory.mktemp("served") / "data"
    with serving(data) as server:
        for number in range(5):
            assert send(server.url, order(str(number), customer=str(number))).status == 202
    return data


@pytest.mark.parametrize(
    ("days", "words"), [(3, []), (7, []), (8, ["history", "live"])], ids=["3", "7", "8"]
)
def test_a_wall_clock_opens_every_day_that_passed_while_nobody_served(
    served_once: Path,
    tmp_path: Path,
    run_here: RunHere,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    words: list[str],
) -> None:
    data = Path(shutil.copytree(served_once, tmp_path / "data"))
    end, today = last_offset(data), open_day(data)

    monkeypatch.setattr("services.commands.engines.SystemClock", lambda: LaterClock(days))
    ended = run_here("clock", "set", "wall", "--data", data)

    assert ended.code == 0, ended
    passed = [(today + datetime.timedelta(days=day + 1)).isoformat() for day in range(days)]
    assert marks(data, end) == [*words[:1], *passed, *words[1:]]
    assert run_here("verify", "--data", data).code == 0


@pytest.mark.parametrize(
    "point", ["log created", "projection created", "day opening", "day written"]
)
def test_a_serve_killed_while_its_log_is_made_begins_where_it_was(
    tmp_path: Path, run_here: RunHere, point: str
) -> None:
    data = tmp_path / "data"
    ended = holdfast_killed(Moment(point), "serve", "--data", str(data), "--port", "0")
    assert ended.code == -signal.SIGKILL, ended

    assert run_here("clock", "set", "wall", "--data", data).code == 0

    created = rows(log_file(data), "SELECT type FROM control ORDER BY offset")
    assert sorted(str(name) for (name,) in created) == [
        "crm.clock.mode-set.v1",
        "crm.day.opened.v2",
        "crm.emitting.v1",
        "crm.log.created.v1",
        "crm.model.decided.v1",
        "crm.projection.created.v1",
    ]
    assert run_here("verify", "--data", data).code == 0
    assert msgspec.json.decode(run_here("status", "--data", data, "--json").out) is not None
