"""The spool of an import: a SQLite file that holds everything between the files and the log.

It is built beside its name and renamed when it is complete, so a spool that bears its name is whole:
an import that was killed takes it up again, and throws away one that was still being built.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from infra.log.records import NewFact
from services.ingest.importing.grouping import PartialFact
from services.ingest.importing.ledger import LineLedger, Verdict
from services.ingest.importing.refusals import SpoolError

FORMAT = 1
ROW = -1
"""Stands for the kind of fact where a row became none."""

_SCHEMA = """
CREATE TABLE partial (kind INTEGER, key TEXT, time INTEGER, sequence INTEGER, body BLOB);
CREATE TABLE fact (time INTEGER, kind INTEGER, sequence INTEGER, customer TEXT, id TEXT,
                   day INTEGER, data BLOB, lines BLOB);
CREATE TABLE dead (sequence INTEGER, kind INTEGER, reason TEXT, detail TEXT, mend TEXT,
                   lines BLOB, body BLOB, PRIMARY KEY (sequence, kind)) WITHOUT ROWID;
CREATE TABLE ledger (file INTEGER PRIMARY KEY, codes BLOB);
CREATE TABLE verdict (position INTEGER PRIMARY KEY, dead INTEGER, reason TEXT);
CREATE TABLE outcome (kind INTEGER PRIMARY KEY, appended INTEGER, present INTEGER);
CREATE TABLE progress (recorded INTEGER);
INSERT INTO progress VALUES (0);
"""


class SpooledFact(NamedTuple):
    """A fact that the door let pass; ``lines`` are the sequences of its lines, 8 bytes each."""

    time: int
    kind: int
    sequence: int
    customer: str
    id: str
    day: int
    data: bytes
    lines: bytes

    @classmethod
    def of(cls, fact: NewFact, kind: int, sequence: int, lines: bytes) -> "SpooledFact":
        """Return the row of a fact."""
        when = (fact.time, kind, sequence)
        return cls(*when, fact.customer_id, fact.id, fact.day, fact.data, lines)


class DeadRow(NamedTuple):
    """What became no fact: a row (kind `ROW`, its bytes) or a refused fact (as a CloudEvent)."""

    sequence: int
    kind: int
    reason: str
    detail: str
    mend: str
    lines: bytes
    body: bytes


class Spool:
    """One import's spool."""

    def __init__(self, path: Path) -> None:
        """Open a spool. Raises `SpoolError` where it is no database."""
        self.path = path
        with _as_spool_error(path):
            self._connection = sqlite3.connect(path, isolation_level=None)
            try:
                self._connection.execute("PRAGMA cache_size = -32000")
                self.format: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
            except sqlite3.DatabaseError:
                self._connection.close()
                raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def use(self) -> None:
        """Prepare a complete spool for many small commits, the last of which may be lost."""
        with _as_spool_error(self.path):
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def make_tables(self) -> None:
        """Make a new file a spool, quick to write: it is thrown away if anything goes wrong."""
        with _as_spool_error(self.path):
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.executescript(_SCHEMA)
            self._connection.execute("BEGIN")

    def seal(self, ledger: LineLedger) -> None:
        """Write what is known of every line, and make the file durable."""
        with _as_spool_error(self.path):
            self._connection.execute("DROP TABLE partial")
            self._connection.execute("CREATE INDEX fact_order ON fact (time, kind, sequence)")
            self._connection.executemany(
                "INSERT INTO ledger VALUES (?, ?)", enumerate(ledger.codes)
            )
            self._connection.executemany(
                "INSERT INTO verdict VALUES (?, ?, ?)",
                ((i, verdict.dead, verdict.reason) for i, verdict in enumerate(ledger.verdicts)),
            )
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")
            self._connection.execute("COMMIT")
        with self.path.open("rb") as file:
            os.fsync(file.fileno())

    def add_partials(self, partials: Iterable[PartialFact]) -> None:
        """Keep partial facts."""
        self._many("INSERT INTO partial VALUES (?, ?, ?, ?, ?)", partials)

    def add_facts(self, facts: Iterable[SpooledFact]) -> None:
        """Keep facts that are ready to be appended."""
        self._many("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)

    def add_dead(self, rows: Iterable[DeadRow]) -> None:
        """Keep what became no fact; one that is kept already is left alone."""
        self._many("INSERT OR IGNORE INTO dead VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def partials(self) -> Iterator[PartialFact]:
        """Yield partials, those of one group together and the earliest of them first."""
        query = "SELECT * FROM partial ORDER BY kind, key, time, sequence"
        with _as_spool_error(self.path):
            yield from map(PartialFact._make, self._connection.execute(query))

    def group_count(self) -> int:
        """Return how many groups the partials belong to."""
        count: int = self._all("SELECT count(*) FROM (SELECT DISTINCT kind, key FROM partial)")[0][
            0
        ]
        return count

    def facts_before(self, day: int, kinds: Sequence[int]) -> list[SpooledFact]:
        """Return the facts of these kinds that belong to an earlier day, in the order of the log."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT * FROM fact WHERE day < ? AND kind IN ({marks}) ORDER BY 1, 2, 3"  # noqa: S608 - only question marks
        return [SpooledFact._make(row) for row in self._all(query, (day, *kinds))]

    def facts(self, after: SpooledFact | None, limit: int) -> list[SpooledFact]:
        """Return facts in the order of the log: by time, place in the map, first line."""
        query = (
            "SELECT * FROM fact WHERE (time, kind, sequence) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?"
        )
        start = (-(2**62), -1, -1) if after is None else after[:3]
        return [SpooledFact._make(row) for row in self._all(query, (*start, limit))]

    def fact_at(self, position: int) -> SpooledFact | None:
        """Return the last of the first ``position`` facts, after which reading goes on."""
        query = "SELECT * FROM fact ORDER BY time, kind, sequence LIMIT 1 OFFSET ?"
        rows = self._all(query, (position - 1,)) if position else []
        return SpooledFact._make(rows[0]) if rows else None

    def set_aside(self, facts: Sequence[SpooledFact], dead: Sequence[DeadRow]) -> None:
        """Make dead letters of facts, in one transaction."""
        with _as_spool_error(self.path), self._transaction():
            self.add_dead(dead)
            keys = [fact[:3] for fact in facts]
            self._many("DELETE FROM fact WHERE time = ? AND kind = ? AND sequence = ?", keys)

    def dead(self) -> Iterator[DeadRow]:
        """Yield everything that became no fact, in the order of lines."""
        query = "SELECT * FROM dead ORDER BY sequence, kind"
        with _as_spool_error(self.path):
            yield from map(DeadRow._make, self._connection.execute(query))

    def ledger(self) -> LineLedger:
        """Return what is known of every line, dead letters of the append included."""
        codes = self._all("SELECT codes FROM ledger ORDER BY file")
        ledger = LineLedger(0)
        ledger.codes = [bytearray(row[0]) for row in codes]
        verdicts = self._all("SELECT dead, reason FROM verdict ORDER BY position")
        ledger.verdicts = [Verdict(bool(dead), reason) for dead, reason in verdicts]
        for row in self.dead():
            ledger.bury(sequences_in(row.lines), row.reason)
        return ledger

    def counts(self) -> dict[int, int]:
        """Return how many facts of each kind wait."""
        return dict(self._all("SELECT kind, count(*) FROM fact GROUP BY kind ORDER BY kind"))

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last business day of the facts; None where there are none."""
        first, last = self._all("SELECT min(day), max(day) FROM fact")[0]
        return None if first is None else (first, last)

    def recorded(self) -> int:
        """Return how many facts have their outcome on record."""
        recorded: int = self._all("SELECT recorded FROM progress")[0][0]
        return recorded

    def record(
        self, position: int, outcomes: dict[int, tuple[int, int]], dead: Sequence[DeadRow]
    ) -> None:
        """Record that the facts up to ``position`` were appended or stood there, by kind."""
        upsert = (
            "INSERT INTO outcome VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " appended = appended + excluded.appended, present = present + excluded.present"
        )
        with _as_spool_error(self.path), self._transaction():
            self.add_dead(dead)
            self._many(upsert, [(kind, *numbers) for kind, numbers in outcomes.items()])
            self._connection.execute("UPDATE progress SET recorded = ?", (position,))

    def forget_record(self) -> None:
        """Begin the record anew, where the log knows nothing of it."""
        with _as_spool_error(self.path), self._transaction():
            self._connection.execute("DELETE FROM outcome")
            self._connection.execute("UPDATE progress SET recorded = 0")

    def outcomes(self) -> dict[int, tuple[int, int]]:
        """Return (appended, stood there already) of each kind."""
        rows = self._all("SELECT kind, appended, present FROM outcome ORDER BY kind")
        return {kind: (appended, present) for kind, appended, present in rows}

    def _many(self, query: str, rows: Iterable[tuple[int | str | bytes | bytearray, ...]]) -> None:
        with _as_spool_error(self.path):
            self._connection.executemany(query, rows)

    def _all(self, query: str, parameters: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        with _as_spool_error(self.path):
            return self._connection.execute(query, parameters).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def sequences_in(lines: bytes) -> Sequence[int]:
    """Return the sequences that a fact's ``lines`` hold."""
    return memoryview(lines).cast("Q")


def remove_spool(path: Path) -> None:
    """Remove a spool with everything that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def _as_spool_error(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        mend = "see that there is room and the right to write there, then repeat the import"
        raise SpoolError(f"{path}: the spool fails ({error}); {mend}") from error
