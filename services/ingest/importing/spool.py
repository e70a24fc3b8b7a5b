"""A complete spool: the facts of an import in the order of the log, and what became of them.

It is built beside its name and renamed when it is complete, so a spool that bears its name is whole:
an import that was killed takes it up again, and throws away one that was still being built.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from services.ingest.importing.label import ImportLabel
from services.ingest.importing.ledger import LineLedger, Verdict
from services.ingest.importing.refusals import SpoolError
from services.ingest.importing.spool_file import FORMAT, SpoolFile, as_spool_error
from services.ingest.importing.spool_rows import DeadRow, SpooledFact, sequences_in


class Spool(SpoolFile):
    """One import's spool. ``label`` says whose it is."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `SpoolError` where it is not a whole spool of this release."""
        super().__init__(path)
        try:
            self.label = self._label()
        except BaseException:
            self.close()
            raise

    def use(self) -> None:
        """Prepare for many small commits, the last of which may be lost."""
        with as_spool_error(self.path):
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.execute("PRAGMA journal_mode = WAL")

    def facts_before(
        self, day: int, kinds: Sequence[int], after: SpooledFact | None, limit: int
    ) -> list[SpooledFact]:
        """Return facts of these kinds that belong to an earlier day, in the order of the log."""
        marks = ", ".join("?" * len(kinds))
        where = f"(time, kind, sequence) > (?, ?, ?) AND day < ? AND kind IN ({marks})"
        query = f"SELECT * FROM fact WHERE {where} ORDER BY 1, 2, 3 LIMIT ?"  # noqa: S608 - nothing in it but question marks
        values = (*_key_of(after), day, *kinds, limit)
        return [SpooledFact._make(row) for row in self.rows(query, values)]

    def facts(self, after: SpooledFact | None, limit: int) -> list[SpooledFact]:
        """Return facts in the order of the log: by time, place in the map, first line."""
        query = (
            "SELECT * FROM fact WHERE (time, kind, sequence) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?"
        )
        return [SpooledFact._make(row) for row in self.rows(query, (*_key_of(after), limit))]

    def fact_at(self, position: int) -> SpooledFact | None:
        """Return the last of the first ``position`` facts, after which reading goes on."""
        query = "SELECT * FROM fact ORDER BY time, kind, sequence LIMIT 1 OFFSET ?"
        rows = self.rows(query, (position - 1,)) if position else []
        return SpooledFact._make(rows[0]) if rows else None

    def set_aside(self, facts: Sequence[SpooledFact], dead: Sequence[DeadRow]) -> None:
        """Make dead letters of facts, in one transaction."""
        with as_spool_error(self.path), self._transaction():
            self.add_dead(dead)
            keys = [fact[:3] for fact in facts]
            self.write("DELETE FROM fact WHERE time = ? AND kind = ? AND sequence = ?", keys)

    def dead(self) -> Iterator[DeadRow]:
        """Yield everything that became no fact, in the order of lines."""
        query = "SELECT * FROM dead ORDER BY sequence, kind"
        return map(DeadRow._make, self.stream(query))

    def ledger(self) -> LineLedger:
        """Return what is known of every line, dead letters of the append included."""
        codes = self.rows("SELECT codes FROM ledger ORDER BY file")
        ledger = LineLedger(0)
        ledger.codes = [bytearray(row[0]) for row in codes]
        verdicts = self.rows("SELECT dead, reason FROM verdict ORDER BY position")
        ledger.verdicts = [Verdict(bool(dead), reason) for dead, reason in verdicts]
        for row in self.dead():
            ledger.bury(sequences_in(row.lines), row.reason)
        return ledger

    def counts(self) -> dict[int, int]:
        """Return how many facts of each kind wait."""
        return dict(self.rows("SELECT kind, count(*) FROM fact GROUP BY kind ORDER BY kind"))

    def total(self) -> int:
        """Return how many facts wait."""
        return sum(self.counts().values())

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last business day of the facts; None where there are none."""
        first, last = self.rows("SELECT min(day), max(day) FROM fact")[0]
        return None if first is None else (first, last)

    def recorded(self) -> int:
        """Return how many facts have their outcome on record."""
        recorded: int = self.rows("SELECT recorded FROM progress")[0][0]
        return recorded

    def record(
        self, position: int, outcomes: dict[int, tuple[int, int]], dead: Sequence[DeadRow]
    ) -> None:
        """Record that the facts up to ``position`` were appended or stood there, by kind."""
        upsert = (
            "INSERT INTO outcome VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " appended = appended + excluded.appended, present = present + excluded.present"
        )
        with as_spool_error(self.path), self._transaction():
            self.add_dead(dead)
            self.write(upsert, [(kind, *numbers) for kind, numbers in outcomes.items()])
            self.connection.execute("UPDATE progress SET recorded = ?", (position,))

    def forget_record(self) -> None:
        """Begin the record anew, where the log knows nothing of it."""
        with as_spool_error(self.path), self._transaction():
            self.connection.execute("DELETE FROM outcome")
            self.connection.execute("UPDATE progress SET recorded = 0")

    def outcomes(self) -> dict[int, tuple[int, int]]:
        """Return (appended, stood there already) of each kind."""
        rows = self.rows("SELECT kind, appended, present FROM outcome ORDER BY kind")
        return {kind: (appended, present) for kind, appended, present in rows}

    def _label(self) -> ImportLabel:
        if self.format != FORMAT:
            raise SpoolError(f"{self.path} is no whole spool of this release; remove it")
        return msgspec.json.decode(self.rows("SELECT body FROM label")[0][0], type=ImportLabel)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


def _key_of(fact: SpooledFact | None) -> tuple[int, int, int]:
    """Return what orders facts in the log; for None a key before all of them."""
    return (-(2**62), -1, -1) if fact is None else fact[:3]
