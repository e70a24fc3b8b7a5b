"""What is wrong around the product is said on one line, with what can be done; nothing is spoiled."""

import gzip
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.commands import MAP, holdfast, holdfast_after, import_arguments, serving
from tests.faults.conftest import RunHere
from tests.faults.events import order, send
from tests.faults.folders import facts_digest, log_file, projection_file
from tests.faults.restrained import as_nobody

REFUSED = 2


@pytest.fixture
def truncated(few_customers: Path, tmp_path: Path) -> Path:
    """A gzip archive of which the last third never arrived."""
    path = tmp_path / "orders.csv.gz"
    whole = gzip.compress(few_customers.read_bytes())
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def test_a_truncated_archive_is_refused_and_nothing_is_written(
    truncated: Path, run_here: RunHere, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    ended = run_here(*import_arguments(data, truncated))

    assert ended.code == REFUSED
    assert f"{truncated}:" in ended.complaint
    assert "ends early, after this line; fetch or export the file again" in ended.complaint
    assert not log_file(data).exists()
    assert list(data.glob("imports/*")) == []


def test_a_whole_archive_imports_after_a_truncated_one(
    truncated: Path, few_customers: Path, imported_once: Path, run_here: RunHere, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    run_here(*import_arguments(data, truncated))

    assert run_here(*import_arguments(data, few_customers)).code == 0

    wanted = run_here("verify", "--data", imported_once).digest
    assert run_here("verify", "--data", data).digest == wanted


def test_a_second_serve_on_a_folder_is_told_who_has_it(tmp_path: Path, run_here: RunHere) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        ended = run_here("serve", "--data", data, "--port", "0")

        assert ended.code == REFUSED
        assert f"in use by process {server.process.pid}, serving at {server.url}" in ended.complaint
        assert "stop it, or wait until it is done" in ended.complaint
        assert send(server.url, order("1")).status == 202


def test_a_port_in_use_is_named(tmp_path: Path, run_here: RunHere) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ended = run_here("serve", "--data", tmp_path / "data", "--port", str(port))

    assert ended.code == REFUSED
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.complaint
    assert "give another by --port" in ended.complaint


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, run_here: RunHere, port: str) -> None:
    ended = run_here("serve", "--data", tmp_path / "data", "--port", port)

    assert ended.code == REFUSED
    assert "'--port'" in ended.err
    assert "Traceback" not in ended.err


def test_an_address_that_is_not_ours_is_named(tmp_path: Path, run_here: RunHere) -> None:
    ended = run_here("serve", "--data", tmp_path / "data", "--port", "0", "--host", "192.0.2.1")

    assert ended.code == REFUSED
    assert "cannot listen on 192.0.2.1:0: Cannot assign requested address" in ended.complaint


@pytest.fixture
def locked_log(imported: Path) -> Iterator[Path]:
    """A folder whose log another program holds for itself."""
    yield from _locked(imported, log_file(imported))


@pytest.fixture
def locked_projection(imported: Path) -> Iterator[Path]:
    """A folder whose projection another program holds for itself."""
    yield from _locked(imported, projection_file(imported))


def _locked(folder: Path, path: Path) -> Iterator[Path]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield folder


@pytest.mark.parametrize("command", ["verify", "serve"])
def test_a_log_that_another_program_holds(
    locked_log: Path, run_here: RunHere, command: str
) -> None:
    ended = run_here(command, "--data", locked_log)

    assert ended.code == REFUSED
    assert (
        f"{log_file(locked_log)}: database is locked; another program holds it" in ended.complaint
    )
    assert "close that program, then try again" in ended.complaint


def test_a_projection_that_another_program_holds(
    locked_projection: Path, run_here: RunHere
) -> None:
    ended = run_here("serve", "--data", locked_projection, "--port", "0")

    path = projection_file(locked_projection)
    assert ended.code == REFUSED
    assert f"{path}: database is locked; another program holds it" in ended.complaint


def test_a_door_whose_log_is_locked_says_so_and_goes_on_when_it_is_free(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        assert send(server.url, order("before")).status == 202
        with closing(sqlite3.connect(log_file(data), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = send(server.url, order("during"))
            other.execute("ROLLBACK")
        again = send(server.url, order("during"))

    assert (refused.status, refused.body["reason"]) == (503, "log-unavailable")
    assert refused.headers["retry-after"] == "10"
    assert (again.status, again.body["status"]) == (202, "accepted")
    assert holdfast("verify", "--data", data).code == 0


@pytest.fixture
def read_only(imported: Path) -> Iterator[Path]:
    """A folder into which nobody may write."""
    files = [imported / "imports", *imported.iterdir(), imported]
    reachable = [parent for parent in imported.parents if parent.owner() == imported.owner()]
    modes = {path: path.stat().st_mode for path in [*files, *reachable]}
    for path in files:
        path.chmod(0o555)
    for path in reachable[:-1]:
        path.chmod(0o755)
    yield imported
    for path in [imported, *files, *reachable]:
        if path.exists():
            path.chmod(modes[path])


@pytest.mark.parametrize(
    "command", [["serve", "--port", "0"], ["clock", "set", "wall"]], ids=lambda words: words[0]
)
def test_a_folder_that_may_not_be_written(read_only: Path, command: list[str]) -> None:
    before = facts_digest(read_only)

    ended = holdfast_after(as_nobody, *command, "--data", read_only)

    assert ended.code == REFUSED, ended
    assert "Permission denied" in ended.complaint
    assert str(read_only) in ended.complaint
    assert facts_digest(read_only) == before


def test_an_import_into_a_folder_that_may_not_be_made(tmp_path: Path, run_here: RunHere) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file, not a folder")

    ended = run_here(*import_arguments(in_the_way))

    assert ended.code == REFUSED
    assert str(in_the_way) in ended.complaint


@pytest.mark.parametrize("missing", ["file", "map"])
def test_files_that_are_not_there(tmp_path: Path, run_here: RunHere, missing: str) -> None:
    files = {"file": tmp_path / "orders.csv", "map": MAP}
    files["file"].write_text("InvoiceNo\n")
    files[missing] = tmp_path / "nowhere"

    ended = run_here("import", files["file"], "--map", files["map"], "--data", tmp_path / "data")

    assert ended.code == REFUSED
    assert str(tmp_path / "nowhere") in ended.complaint


@pytest.mark.parametrize("command", ["verify", "status", "flagged"])
def test_a_folder_that_is_not_there(tmp_path: Path, run_here: RunHere, command: str) -> None:
    ended = run_here(command, "--data", tmp_path / "nowhere")

    assert ended.code == REFUSED
    assert "`holdfast import` or `holdfast serve` makes it" in ended.complaint
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("HOLDFAST_BUSINESS_TIMEZONE", "Europe/Lnodon"), ("HOLDFAST_CURRENCY", "pounds")],
)
def test_a_setting_that_cannot_be(
    tmp_path: Path, run_here: RunHere, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)

    ended = run_here("serve", "--data", tmp_path / "data", "--port", "0")

    assert ended.code == REFUSED
    assert value in ended.err
    assert "Traceback" not in ended.err
