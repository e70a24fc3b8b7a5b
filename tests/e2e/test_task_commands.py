"""From facts to a task that is closed, by the terminal alone; with a serving process and without."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import pytest

from infra.folder import DataFolder
from services.alerts.api import COMMANDS_PATH
from services.token_guard import TOKEN_HEADER
from tests.faults.commands import Ended, holdfast, holdfast_after, serving
from tests.support.quiet_shop import with_team, written

REFUSED = 2


class Shop(msgspec.Struct, frozen=True):
    """A folder with tasks in it."""

    data: Path

    def run(self, *arguments: str) -> Ended:
        return holdfast(*arguments, "--data", self.data)

    def inbox(self, *arguments: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.run("inbox", "--json", *arguments).out)[
            "rows"
        ]
        return found

    def facts(self, customer: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.run("card", customer, "--json").out)[
            "latest_facts"
        ]
        return found

    def task(self, task_id: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.run("task", "show", task_id, "--json").out)
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    place = tmp_path_factory.mktemp("shop")
    data = place / "data"
    ended = holdfast_after(with_team(place), *written(place, 12), data)
    assert ended.code == 0, ended
    return Shop(data)


def of(row: dict[str, object]) -> tuple[str, str, str]:
    """Id, manager and customer of a row."""
    task, customer = row["task"], row["customer"]
    assert isinstance(task, dict)
    assert isinstance(customer, dict)
    return task["task_id"], task["manager"], customer["key"]


def test_the_worthiest_are_offered_up_to_the_limit_of_each_manager(shop: Shop) -> None:
    rows = [of(row) for row in shop.inbox()]

    assert [customer for _, _, customer in rows] == ["c11", "c10", "c09", "c08"]
    assert sorted(manager for _, manager, _ in rows) == ["AM-1", "AM-1", "AM-2", "AM-2"]
    assert {of(row)[1] for row in shop.inbox("--manager", "AM-1")} == {"AM-1"}


@pytest.mark.parametrize(
    ("customer", "said"),
    [
        ("c11", "a task was raised"),
        ("c07", "✗ opening limit: place 3 with its manager, of 2"),
        ("c07", "unusually quiet: waits in line, 0 before it"),
        ("c05", "✗ threshold: priority £"),
        ("c01", "✗ eligible: £"),
        ("c12", "No signal was ever raised of this customer."),
    ],
)
def test_why_names_the_gate_and_what_it_found(shop: Shop, customer: str, said: str) -> None:
    ended = shop.run("why", customer)

    assert ended.code == 0
    assert said in ended.out


def test_a_task_is_taken_worked_on_and_closed_at_the_terminal(shop: Shop) -> None:
    task_id, manager, customer = of(shop.inbox()[-1])
    short, own = task_id[:12], ["--as", manager]

    steps = [
        shop.run("task", "accept", short, *own, "--version", "2"),
        shop.run("task", "accept", short, *own, "--version", "2"),
        shop.run("task", "close", short, *own, "--outcome", "saved-confirmed"),
        shop.run("task", "contact", short, *own, "--channel", "call"),
        shop.run("task", "note", short, "orders again next week", *own),
        shop.run("task", "close", short, *own, "--outcome", "saved-confirmed"),
    ]

    assert [step.code for step in steps] == [0, REFUSED, REFUSED, 0, 0, 0], steps
    assert "in work now, version 3" in steps[1].err
    assert "Log a contact first" in steps[2].err
    view = shop.task(task_id)
    assert isinstance(view["history"], list)
    assert [step["type"] for step in view["history"]] == [
        f"crm.task.{name}"
        for name in (
            "raised.v2",
            "offered.v1",
            "accepted.v1",
            "contact-logged.v1",
            "noted.v1",
            "closed.v1",
        )
    ]
    assert "No task is open." in shop.run("why", customer).out
    lines = [fact for fact in shop.facts(customer) if fact["type"] == "crm.retention.closed.v1"]
    assert [(fact["outcome"], fact["subject"]) for fact in lines] == [
        ("saved-confirmed", "unusually-quiet")
    ]


def test_a_serving_process_carries_commands_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOLDFAST_MANAGERS", raising=False)
    task_id, manager, _ = of(shop.inbox()[0])
    with serving(shop.data) as server:
        done = shop.run("task", "accept", task_id, "--as", manager)
        again = shop.run("task", "accept", task_id, "--as", manager)
        holder = DataFolder(shop.data).holder()
        assert holder is not None
        stranger = httpx.post(server.url + COMMANDS_PATH, json={}, headers={TOKEN_HEADER: "x"})
        nonsense = httpx.post(
            server.url + COMMANDS_PATH, json={}, headers={TOKEN_HEADER: holder.token}
        )

    assert (done.code, again.code) == (0, REFUSED)
    assert "The task is in work" in again.err
    assert (stranger.status_code, nonsense.status_code) == (403, 400)


def test_verify_covers_tasks(shop: Shop) -> None:
    assert shop.run("clock", "set", "log").code == 0  # whoever writes publishes what is left over
    with closing(sqlite3.connect(shop.data / "desk.db")) as connection:
        tasks = [task_id for (task_id,) in connection.execute("SELECT task_id FROM desk_tasks")]
    ended = shop.run("verify", "--json")

    report = json.loads(ended.out)
    assert (ended.code, report["found"]) == (0, 0), report
    closed = len(tasks) - len(shop.inbox("--limit", "9"))
    assert report["desk"]["tasks"] == len(tasks) == 4 + closed, (
        "who waited has a closed one's place"
    )
    steps = sum(len(shop.task(task_id)["history"]) for task_id in tasks)
    assert report["desk"]["published"] == report["desk"]["decisions"] + steps


JUDGED = "SELECT max(rowid) FROM stored_events WHERE topic = 'crm.signal.judged.v1'"
TAMPERING = [
    (
        "UPDATE desk_tasks SET value = value + 1 WHERE due_slot > 0",
        "its row is not what its events",
    ),
    ("DELETE FROM desk_judgements WHERE sequence % 2 = 0", "desk_judgements:"),
    ("UPDATE desk_line SET sequence = sequence + 1", "it waits in line, or does not"),
    ("UPDATE desk_states SET state = zeroblob(9) WHERE kind = 'manager'", "its state is not what"),
    ("DELETE FROM stored_events WHERE topic = 'crm.desk.manager-listed.v1'", "version"),
    (
        f"UPDATE stored_events SET state = CAST(state || ' ' AS BLOB) WHERE rowid = ({JUDGED})",
        "not what the desk said",
    ),
]


@pytest.mark.parametrize(("statement", "said"), TAMPERING, ids=[said for _, said in TAMPERING])
def test_verify_finds_what_was_tampered_with(
    shop: Shop, tmp_path: Path, statement: str, said: str
) -> None:
    copy = Shop(tmp_path / "data")
    shutil.copytree(shop.data, copy.data)
    with closing(sqlite3.connect(copy.data / "desk.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0

    ended = copy.run("verify", "--json")

    details = [f"{each['row']}: {each['detail']}" for each in json.loads(ended.out)["differences"]]
    assert ended.code == 1
    assert any(said in detail for detail in details), details


def test_a_desk_that_was_lost_is_not_begun_anew(shop: Shop, tmp_path: Path) -> None:
    copy = Shop(tmp_path / "data")
    shutil.copytree(shop.data, copy.data)
    for file in copy.data.glob("desk.db*"):
        file.unlink()

    ended = copy.run("clock", "advance", "--to", "2011-07-20")

    assert ended.code == REFUSED
    assert "restore it from a backup" in ended.complaint


def test_who_is_no_manager_and_what_is_no_task_are_told(shop: Shop) -> None:
    task_id = of(shop.inbox()[0])[0]

    assert "does not name AM-9" in shop.run("task", "claim", task_id, "--as", "AM-9").err
    assert "No task" in shop.run("task", "claim", "zzz", "--as", "AM-1").err
    assert (
        shop.run("task", "close", task_id, "--as", "TL-1", "--lead", "--outcome", "bad").code == 2
    )
