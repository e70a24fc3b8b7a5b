"""Cuts of the shipped sample, and a folder into which one was imported."""

import csv
import gzip
import shutil
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from services import cli
from tests.faults.commands import SAMPLE, Ended, holdfast, import_arguments
from tests.faults.folders import settle

LINES_OF_THE_CUT = 12_000
ONE_CUSTOMER_IN = 30


@pytest.fixture(scope="session")
def many_orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first weeks of the sample: many customers, few days."""
    path = tmp_path_factory.mktemp("cuts") / "weeks.csv"
    with gzip.open(SAMPLE, "rt") as lines:
        path.write_text("".join(islice(lines, LINES_OF_THE_CUT)))
    return path


@pytest.fixture(scope="session")
def few_customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a few customers of the sample did: a whole year, with signals."""
    path = tmp_path_factory.mktemp("cuts") / "customers.csv"
    with gzip.open(SAMPLE, "rt", newline="") as lines, path.open("w", newline="") as cut:
        rows = csv.DictReader(lines)
        assert rows.fieldnames is not None
        kept = csv.DictWriter(cut, rows.fieldnames)
        kept.writeheader()
        for row in rows:
            if row["CustomerID"] and int(float(row["CustomerID"])) % ONE_CUSTOMER_IN == 0:
                kept.writerow(row)
    return path


@pytest.fixture(scope="session")
def imported_once(few_customers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which `few_customers` were imported, all of it in its main files."""
    folder = tmp_path_factory.mktemp("imported") / "data"
    ended = holdfast(*import_arguments(folder, few_customers))
    assert ended.code == 0, ended.err
    settle(folder)
    return folder


@pytest.fixture
def imported(imported_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder for one test to spoil."""
    return Path(shutil.copytree(imported_once, tmp_path / "data"))


RunHere = Callable[..., Ended]


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunHere:
    """Runs a command in this process: quicker, and a warning is an error."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["holdfast", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, *capsys.readouterr())

    return run
