"""Files that SQLite itself cannot use: every command says which, why and how to mend it, on one line."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.commands import import_arguments
from tests.faults.conftest import RunHere
from tests.faults.folders import change, log_file, projection_file, rows

REFUSED = 2
READING = (["verify"], ["status"], ["flagged"])
WRITING = (["clock", "set", "log"], ["serve", "--port", "0"])


def overwrite_header(path: Path) -> None:
    """Put garbage where SQLite's header stood."""
    path.write_bytes(b"\x00garbage " * 10 + path.read_bytes()[90:])


def cut_in_half(path: Path) -> None:
    """Lose the second half of a file."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def spoil_every_page(path: Path) -> None:
    """Overwrite the beginning of every page but the first."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for page in range(4096, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 64)


def make_another_program_s(path: Path) -> None:
    """Put another program's database there."""
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE tracks (name TEXT)")


def raise_layout(path: Path) -> None:
    """Let a later release have rearranged the tables."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 77")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage header": (overwrite_header, "not a database; the file is damaged: restore it"),
    "cut": (cut_in_half, "the file is damaged: restore it"),
    "spoiled pages": (spoil_every_page, "the file is damaged: restore it"),
    "later layout": (raise_layout, "has layout 77, this release reads"),
}


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log(imported: Path, run_here: RunHere, damage: str, command: list[str]) -> None:
    spoil, said = DAMAGES[damage]
    spoil(log_file(imported))

    ended = run_here(*command, "--data", imported)

    assert ended.code == REFUSED, ended
    assert said in ended.complaint
    assert str(log_file(imported)) in ended.complaint


@pytest.mark.parametrize("command", [["verify", "--json"], *WRITING], ids=" ".join)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_projection(
    imported: Path, run_here: RunHere, damage: str, command: list[str]
) -> None:
    spoil, said = DAMAGES[damage]
    path = projection_file(imported)
    spoil(path)

    ended = run_here(*command, "--data", imported)

    assert ended.code == REFUSED, ended
    assert said in ended.complaint
    assert str(path) in ended.complaint


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
def test_another_program_s_database_in_place_of_the_log(
    imported: Path, run_here: RunHere, command: list[str]
) -> None:
    make_another_program_s(log_file(imported))

    ended = run_here(*command, "--data", imported)

    assert ended.code == REFUSED, ended
    assert str(log_file(imported)) in ended.complaint
    assert rows(log_file(imported), "SELECT name FROM sqlite_master") == [("tracks",)]


@pytest.mark.parametrize("command", [*READING[1:], *WRITING], ids=" ".join)
def test_a_control_record_that_cannot_be_read(
    imported: Path, run_here: RunHere, command: list[str]
) -> None:
    change(log_file(imported), "UPDATE control SET data = ? WHERE offset = 1", (b'{"mode":"l',))

    ended = run_here(*command, "--data", imported)

    assert ended.code == REFUSED, ended
    assert "crm.control offset 1, crm.clock.mode-set.v1, cannot be read" in ended.complaint
    assert "restore the log from a backup" in ended.complaint


@pytest.mark.parametrize("command", [["verify", "--json"], *WRITING], ids=" ".join)
def test_a_projection_of_another_log(
    imported: Path, few_customers: Path, run_here: RunHere, tmp_path: Path, command: list[str]
) -> None:
    other, first_lines = tmp_path / "other", tmp_path / "first.csv"
    first_lines.write_text("".join(few_customers.read_text().splitlines(keepends=True)[:20]))
    assert run_here(*import_arguments(other, first_lines)).code == 0
    projection = projection_file(other)
    for leftover in other.glob(f"{projection.name}*"):
        leftover.unlink()
    shutil.copy(projection_file(imported), projection)

    ended = run_here(*command, "--data", other)

    if command == ["verify", "--json"]:
        assert ended.code == 1, ended
        assert "it belongs to another log or release" in ended.out
    else:
        assert ended.code == REFUSED, ended
        assert "belongs to" in ended.complaint


def test_a_projection_of_another_release_is_not_verified_by_this_one(
    imported: Path, run_here: RunHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.stream.fold_release.fingerprint", lambda _: "f" * 64)

    ended = run_here("verify", "--data", imported)

    assert ended.code == REFUSED, ended
    assert "was folded by a release with fingerprint" in ended.complaint
    assert "`holdfast rebuild` folds the log anew with this release" in ended.complaint


@pytest.mark.parametrize("command", [["verify", "--json"], *WRITING], ids=" ".join)
def test_an_older_copy_of_the_log_was_restored(
    imported: Path, run_here: RunHere, command: list[str]
) -> None:
    older = imported.parent / "older.db"
    shutil.copy(log_file(imported), older)
    assert run_here("clock", "advance", "--to", "2011-12-31", "--data", imported).code == 0
    shutil.copy(older, log_file(imported))
    for leftover in imported.glob("log.db-*"):
        leftover.unlink()

    ended = run_here(*command, "--data", imported)

    if command == ["verify", "--json"]:
        assert ended.code == 1, ended
        assert "states were folded up to another record than the log holds" in ended.out
    else:
        assert ended.code == REFUSED, ended
        assert "the log was replaced or cut: restore the log that belongs" in ended.complaint


def test_a_lost_projection_is_folded_anew(
    imported: Path, imported_once: Path, run_here: RunHere
) -> None:
    wanted = run_here("verify", "--data", imported_once).digest
    for path in imported.glob("projection-*"):
        path.unlink()

    refused = run_here("verify", "--data", imported)
    assert refused.code == REFUSED
    assert "does not exist" in refused.complaint
    assert run_here("clock", "set", "log", "--data", imported).code == 0

    ended = run_here("verify", "--data", imported)
    assert (ended.code, ended.digest) == (0, wanted)


def test_a_spool_that_was_damaged_is_built_anew(
    few_customers: Path, imported_once: Path, run_here: RunHere, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    spools = data / "imports"
    assert run_here(*import_arguments(tmp_path / "first", few_customers)).code == 0
    (summary,) = (tmp_path / "first" / "imports").iterdir()
    spools.mkdir(parents=True)
    (spools / summary.name.replace(".summary.json", ".spool")).write_bytes(b"garbage" * 1000)

    assert run_here(*import_arguments(data, few_customers)).code == 0

    wanted = run_here("verify", "--data", imported_once).digest
    assert run_here("verify", "--data", data).digest == wanted
