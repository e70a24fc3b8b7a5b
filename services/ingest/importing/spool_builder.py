"""A spool while it is being built: quick to write, and thrown away if anything goes wrong."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from services.ingest.importing.grouping import PartialFact
from services.ingest.importing.label import ImportLabel
from services.ingest.importing.ledger import LineLedger
from services.ingest.importing.spool_file import FORMAT, SCHEMA, SpoolFile, as_spool_error
from services.ingest.importing.spool_rows import SpooledFact


class SpoolBuilder(SpoolFile):
    """Takes partial facts, gives them back group by group, takes the facts that they became."""

    def __init__(self, path: Path) -> None:
        """Begin a new spool. Raises `SpoolError` where it cannot be written."""
        super().__init__(path)
        with as_spool_error(path):
            self.connection.execute("PRAGMA journal_mode = OFF")
            self.connection.execute("PRAGMA synchronous = OFF")
            self.connection.executescript(SCHEMA)
            self.connection.execute("BEGIN")

    def add_partials(self, partials: Iterable[PartialFact]) -> None:
        """Keep partial facts."""
        self.write("INSERT INTO partial VALUES (?, ?, ?, ?, ?)", partials)

    def group_count(self) -> int:
        """Return how many groups the partials belong to."""
        count: int = self.rows("SELECT count(*) FROM (SELECT DISTINCT kind, key FROM partial)")[0][
            0
        ]
        return count

    def partials(self) -> Iterator[PartialFact]:
        """Yield partials, those of one group together and the earliest of them first."""
        query = "SELECT * FROM partial ORDER BY kind, key, time, sequence"
        return map(PartialFact._make, self.stream(query))

    def add_facts(self, facts: Iterable[SpooledFact]) -> None:
        """Keep facts that are ready to be appended."""
        self.write("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)

    def seal(self, ledger: LineLedger, label: ImportLabel) -> None:
        """Write whose spool it is and what is known of every line, and make the file durable."""
        self.write("INSERT INTO label VALUES (?)", [(msgspec.json.encode(label),)])
        self.write("INSERT INTO ledger VALUES (?, ?)", enumerate(ledger.codes))
        verdicts = enumerate(ledger.verdicts)
        rows = ((position, verdict.dead, verdict.reason) for position, verdict in verdicts)
        self.write("INSERT INTO verdict VALUES (?, ?, ?)", rows)
        with as_spool_error(self.path):
            self.connection.execute("DROP TABLE partial")
            self.connection.execute("CREATE INDEX fact_order ON fact (time, kind, sequence)")
            self.connection.execute(f"PRAGMA user_version = {FORMAT}")
            self.connection.execute("COMMIT")
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
