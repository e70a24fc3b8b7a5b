"""What reading costs SQLite: which statements run, by which plan, in how many steps, for how many rows."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from infra.archive import sqlite as archive
from infra.sqlite.connection import Durability, open_reader, open_writer
from infra.state import reader as state_reader
from infra.state import sqlite as state_store


class Record:
    """What ran since it was forgotten last."""

    def __init__(self) -> None:
        self.plans: dict[str, list[str]] = {}
        self.statements = 0
        self.steps = 0
        self.rows = 0

    def forget(self) -> None:
        self.plans.clear()
        self.statements = self.steps = self.rows = 0

    def step(self) -> None:
        self.steps += 1

    def plan(self) -> list[str]:
        """The plans of all statements, one line after the other."""
        return [line for lines in self.plans.values() for line in lines]


class RecordedCursor:
    """Counts the rows that are fetched."""

    def __init__(self, cursor: sqlite3.Cursor, record: Record) -> None:
        self._cursor = cursor
        self._record = record

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        for row in self._cursor:
            self._record.rows += 1
            yield row

    def fetchall(self) -> list[tuple[object, ...]]:
        return list(self)

    def fetchone(self) -> tuple[object, ...] | None:
        return next(iter(self), None)


class RecordedConnection:
    """A real connection that asks for the plan of every query before it runs it."""

    def __init__(self, connection: sqlite3.Connection, record: Record) -> None:
        self._connection = connection
        self._record = record

    def execute(self, query: str, values: Sequence[object] = ()) -> RecordedCursor:
        record = self._record
        if query.lstrip().startswith(("SELECT", "WITH")):
            plan = self._connection.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
            record.plans[query] = [detail.replace(" TABLE ", " ") for *_, detail in plan]
        self._connection.set_progress_handler(record.step, 1)
        record.statements += 1
        return RecordedCursor(self._connection.execute(query, values), record)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def record_reading(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Record what archives, projection readers and state stores do from here on."""
    record = Record()

    def reader(path: Path, version: int) -> RecordedConnection:
        return RecordedConnection(open_reader(path, version), record)

    def writer(path: Path, schema: str, version: int, durability: Durability) -> RecordedConnection:
        return RecordedConnection(open_writer(path, schema, version, durability), record)

    patched: list[tuple[object, str, Callable[..., RecordedConnection]]] = [
        (archive, "open_reader", reader),
        (state_reader, "open_reader", reader),
        (state_store, "open_writer", writer),
    ]
    for module, name, opener in patched:
        monkeypatch.setattr(module, name, opener)
    return record
