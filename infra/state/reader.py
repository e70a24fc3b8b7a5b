"""A read snapshot of a projection's file, for cards, lists and proofs."""

from collections.abc import Iterator
from pathlib import Path

from events.values import CustomerId
from infra.sqlite.connection import explained, open_reader
from infra.state.port import Position, Quarantined, StateRow, StoreIdentity
from infra.state.sqlite import VERSION, read_identity, read_position, read_quarantine


class ProjectionReader:
    """Reads of one snapshot: a worker that goes on committing is not seen."""

    def __init__(self, path: Path) -> None:
        """Raise `StoreError` where the file is missing or cannot be used."""
        self._path = path
        self._connection = open_reader(path, VERSION)
        try:
            with explained(path):
                self._connection.execute("BEGIN")
                self.identity: StoreIdentity | None = read_identity(self._connection)
                self.position: Position = read_position(self._connection)
                self.quarantined: list[Quarantined] = read_quarantine(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def rows(self, *, standing_only: bool = False) -> Iterator[StateRow]:
        """Iterate over states in id order."""
        where = "WHERE standing" if standing_only else ""
        query = f"SELECT customer_id, data, due_day, standing FROM states {where} ORDER BY 1"
        with explained(self._path):
            for customer_id, data, due_day, standing in self._connection.execute(query):
                yield StateRow(customer_id, data, due_day, bool(standing))

    def row(self, customer_id: CustomerId) -> StateRow | None:
        """Return a customer's state as stored."""
        query = "SELECT customer_id, data, due_day, standing FROM states WHERE customer_id = ?"
        with explained(self._path):
            found = self._connection.execute(query, (customer_id,)).fetchone()
        return None if found is None else StateRow(found[0], found[1], found[2], bool(found[3]))

    def count(self) -> int:
        """Return how many customers have a state."""
        with explained(self._path):
            return int(self._connection.execute("SELECT count(*) FROM states").fetchone()[0])

    def standing_count(self) -> int:
        """Return how many customers have a standing signal."""
        with explained(self._path):
            query = "SELECT count(*) FROM states WHERE standing"
            return int(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        """Let go of the snapshot."""
        self._connection.close()
