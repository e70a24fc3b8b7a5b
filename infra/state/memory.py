"""States in memory, lost with the process. For tests and for trying things out."""

from collections.abc import Callable, Container, Mapping, Sequence

from events.values import CustomerId
from infra.state.port import (
    NOBODY,
    START,
    Commit,
    Position,
    PositionConflictError,
    Quarantined,
    StateRow,
)


class MemoryStateStore:
    """`StateStore` in a dict."""

    def __init__(self) -> None:
        self.rows: dict[CustomerId, StateRow] = {}
        self._quarantined: dict[CustomerId, Quarantined] = {}
        self._position = START

    async def position(self) -> Position:
        """Return the committed position."""
        return self._position

    async def load(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, bytes]:
        """Return the states of those who have one."""
        return {
            customer_id: self.rows[customer_id].data
            for customer_id in customer_ids
            if customer_id in self.rows
        }

    async def due(
        self,
        day: int,
        after: CustomerId | None,
        limit: int,
        known: Container[CustomerId] = NOBODY,
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states due on ``day`` or before, in id order, above ``after``."""
        return self._some(lambda row: row.due_day is not None and row.due_day <= day, after, limit)

    async def standing(
        self, after: CustomerId | None, limit: int
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states with a standing signal, in id order, above ``after``."""
        return self._some(lambda row: row.standing, after, limit)

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order."""
        return sorted(self._quarantined.values())

    async def commit(self, expected: Position, commit: Commit) -> None:
        """Store rows and position together, if the position still is ``expected``."""
        if self._position != expected:
            raise PositionConflictError(f"expected {expected}, found {self._position}")
        self.rows.update({row.customer_id: row for row in commit.rows})
        for entry in commit.quarantined:
            self._quarantined.setdefault(entry.customer_id, entry)
        self._position = commit.position

    async def close(self) -> None:
        """Nothing is held."""

    def _some(
        self, chosen: Callable[[StateRow], bool], after: CustomerId | None, limit: int
    ) -> list[tuple[CustomerId, bytes]]:
        ids = sorted(row.customer_id for row in self.rows.values() if chosen(row))
        above = [customer_id for customer_id in ids if after is None or customer_id > after]
        return [(customer_id, self.rows[customer_id].data) for customer_id in above[:limit]]
