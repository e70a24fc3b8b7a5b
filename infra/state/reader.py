"""A read snapshot of a projection's file, for cards, lists and proofs."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from events.values import CustomerId
from infra.sqlite.connection import explained, open_reader
from infra.state.port import Position, Quarantined, ReadRow, StateRow, StoreIdentity
from infra.state.sqlite import VERSION, read_identity, read_position, read_quarantine

_COLUMNS = "customer_id, data, due_day, standing"


class ProjectionReader:
    """`StateReader` on one snapshot of one file: a worker that goes on committing is not seen."""

    partitions = 1

    def __init__(self, path: Path) -> None:
        """Raise `StoreError` where the file is missing or cannot be used."""
        self._path = path
        self._connection = open_reader(path, VERSION)
        try:
            with explained(path):
                self._connection.execute("BEGIN")
                self._identity = read_identity(self._connection)
                self._position = read_position(self._connection)
                self._quarantined = read_quarantine(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self._set_aside = {entry.customer_id: entry for entry in self._quarantined}

    def position(self, partition: int) -> Position:
        """Return the committed position."""
        return self._position

    def identity(self, partition: int) -> StoreIdentity | None:
        """Return what the file belongs to."""
        return self._identity

    async def rows(self, *, standing_only: bool = False) -> AsyncIterator[ReadRow]:
        """Iterate over those who have a state, in id order."""
        where = "WHERE standing" if standing_only else ""
        query = f"SELECT {_COLUMNS} FROM states {where} ORDER BY 1"
        with explained(self._path):
            for customer_id, data, due_day, standing in self._connection.execute(query):
                row = StateRow(customer_id, data, due_day, bool(standing))
                yield self._as_read(customer_id, row)

    async def read(self, customer_ids: Sequence[CustomerId]) -> Sequence[ReadRow]:
        """Return these customers, in this order, also those without a state."""
        return [await self.row(customer_id) for customer_id in customer_ids]

    async def row(self, customer_id: CustomerId) -> ReadRow:
        """Return a customer, also one without a state."""
        query = f"SELECT {_COLUMNS} FROM states WHERE customer_id = ?"
        with explained(self._path):
            found = self._connection.execute(query, (customer_id,)).fetchone()
        if found is None:
            return self._as_read(customer_id, None)
        return self._as_read(customer_id, StateRow(found[0], found[1], found[2], bool(found[3])))

    async def count(self) -> int:
        """Return how many customers have a state."""
        with explained(self._path):
            return int(self._connection.execute("SELECT count(*) FROM states").fetchone()[0])

    async def standing_count(self) -> int:
        """Return how many customers have a standing signal."""
        with explained(self._path):
            query = "SELECT count(*) FROM states WHERE standing"
            return int(self._connection.execute(query).fetchone()[0])

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order."""
        return self._quarantined

    async def close(self) -> None:
        """Let go of the snapshot."""
        self._connection.close()

    def _as_read(self, customer_id: CustomerId, row: StateRow | None) -> ReadRow:
        return ReadRow(customer_id, row, self._position, self._set_aside.get(customer_id))
