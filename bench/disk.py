"""What the disk allows: commits of one row, each after an fsync, one after the other."""

import contextlib
import sqlite3
import time
from pathlib import Path

from bench.figures import Figure
from infra.sqlite.connection import Durability, open_writer

COMMITS = 200


def commits_alone(path: Path, repeats: int) -> Figure:
    """Return how many a second there are with the settings of the log and nothing else to do."""
    schema = "CREATE TABLE rows (number INTEGER PRIMARY KEY)"
    with contextlib.closing(open_writer(path, schema, 1, Durability.FULL)) as connection:
        rates = tuple(_rate(connection) for _ in range(repeats))
    return Figure("commits of one row with fsync, alone", "commits/s", rates)


def _rate(connection: sqlite3.Connection) -> float:
    begun = time.perf_counter()
    for _ in range(COMMITS):
        connection.execute("INSERT INTO rows DEFAULT VALUES")
    return COMMITS / (time.perf_counter() - begun)
