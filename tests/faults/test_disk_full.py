"""A disk that is full: nothing acknowledged is lost, and all goes on once there is room again.

The kernel's limit on the size of a file stands in for the disk; where a small disk of its own can be
mounted, a really full one is tried as well.
"""

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.commands import Serving, holdfast, holdfast_after, import_arguments, serving
from tests.faults.events import Answer, Sender, order
from tests.faults.folders import facts_digest, log_file, projection_file, rows
from tests.faults.restrained import with_small_files

MANY = 3_000


def let_files_grow_to(server: Serving, size: int) -> None:
    """Limit the size of any file that the server writes from now on, in bytes."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def send_until_refused(sender: Sender, prefix: str) -> tuple[list[str], Answer]:
    """Publish orders one by one; return those that were acknowledged, and the first refusal."""
    acknowledged: list[str] = []
    for number in range(MANY):
        name = f"{prefix}{number}"
        answer = sender.send(order(name, customer=str(number % 9)))
        if answer.status != 202:
            return acknowledged, answer
        acknowledged.append(name)
    raise AssertionError(f"{MANY} orders found room")


def ids_in_log(data: Path) -> set[object]:
    """The ids of all facts."""
    return {name for (name,) in rows(log_file(data), "SELECT id FROM facts WHERE id NOT NULL")}


def test_a_full_disk_under_a_door(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        sender = Sender(server.url)
        assert sender.send(order("first")).status == 202
        largest = max(path.stat().st_size for path in data.iterdir() if path.is_file())

        let_files_grow_to(server, largest + 40_000)
        acknowledged, refused = send_until_refused(sender, "a")
        still_refused = sender.send(order("b"))
        let_files_grow_to(server, resource.RLIM_INFINITY)
        again = sender.send(order("b"))
        sender.close()

    assert (refused.status, refused.body["reason"]) == (503, "log-unavailable")
    assert refused.headers["retry-after"] == "10"
    assert (still_refused.status, again.status) == (503, 202)
    assert again.body["status"] == "accepted"
    found = ids_in_log(data)
    assert {"first", "b", *acknowledged} <= found
    assert found <= {"first", "b", *acknowledged, f"a{len(acknowledged)}"}
    assert_verifies(data)


def test_profiles_go_on_without_a_restart_after_a_full_disk(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        sender = Sender(server.url)
        assert sender.send(order("first")).status == 202
        let_files_grow_to(server, 1)
        assert sender.send(order("refused")).status == 503
        let_files_grow_to(server, resource.RLIM_INFINITY)
        batch = [order(str(number), customer=str(number)) for number in range(500)]
        assert sender.send_batch(batch).status == 202
        sender.close()
        wait_until_folded(data, customers=500)

    assert_verifies(data)


def wait_until_folded(data: Path, customers: int) -> None:
    """Ask until so many customers have a state; the test's own time limit ends it otherwise."""
    query = "SELECT count(*) FROM states"
    while rows(projection_file(data), query) != [(customers,)]:
        continue


def assert_verifies(data: Path) -> None:
    """Every state and output is what the log folds to."""
    ended = holdfast("verify", "--data", data)
    assert ended.code == 0, ended


def test_a_full_disk_under_an_import(
    few_customers: Path, imported_once: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    ended = holdfast_after(with_small_files, *import_arguments(data, few_customers))

    assert ended.code == 2, ended
    assert str(data) in ended.complaint
    resumed = holdfast(*import_arguments(data, few_customers))
    assert resumed.code == 0, resumed
    assert same_digest(data, imported_once)


def test_a_full_disk_under_the_last_steps_of_an_import(
    few_customers: Path, imported: Path, imported_once: Path, tmp_path: Path
) -> None:
    before = facts_digest(imported)

    ended = holdfast_after(
        with_small_files, "clock", "advance", "--to", "2012-06-30", "--data", imported
    )

    assert ended.code == 2, ended
    assert str(imported) in ended.complaint
    assert facts_digest(imported) == before
    assert same_digest(imported, imported_once)


def same_digest(one: Path, other: Path) -> bool:
    """Both folders verify, with one digest."""
    ended = [holdfast("verify", "--data", data) for data in (one, other)]
    assert [entry.code for entry in ended] == [0, 0], ended
    return ended[0].digest == ended[1].digest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one and a half megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_really_full_disk_under_a_door(small_disk: Path) -> None:
    data, ballast = small_disk / "data", small_disk / "ballast"
    with serving(data) as server:
        sender = Sender(server.url)
        assert sender.send(order("first")).status == 202
        ballast.write_bytes(b"\0" * (600 << 10))
        acknowledged, refused = send_until_refused(sender, "a")
        ballast.unlink()
        again = sender.send(order("b"))
        sender.close()

    assert (refused.status, refused.body["reason"]) == (503, "log-unavailable")
    assert again.status == 202
    assert {"first", "b", *acknowledged} <= ids_in_log(data)
    assert_verifies(data)
