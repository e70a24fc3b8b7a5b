"""What a store does for the desk. Implemented by `sqlite.py` and `postgres.py`; synchronous."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import msgspec
from eventsourcing.persistence import Notification, StoredEvent, Tracking

from domain.retention.task import RetentionTask
from infra.mendable import MendableError

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


def blob(value: Value) -> bytes:
    """Return a column of bytes. Raises ``TypeError`` for another."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} is no bytes")
    return value


class Statement(NamedTuple):
    """An SQL statement with question marks, and the rows of values that it is run with."""

    sql: str
    rows: Sequence[Row]


class DeskConflictError(Exception):
    """Somebody else wrote the next version of a stream, or the tracking position, first."""


class DeskUnavailableError(MendableError):
    """The desk's store cannot be written or read; nothing of the transaction stands."""


class DeskQueries(Protocol):
    """Reads rows. ``event_id`` is the column that numbers all events in the order of their writing."""

    event_id: str

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query with question marks. Raises `DeskUnavailableError`."""
        ...


class DeskStore(DeskQueries, Protocol):
    """Events, tracking positions and rows, written in one transaction."""

    def turn(self) -> AbstractContextManager[None]:
        """Read and write in here while no other process does in a turn of its own.

        What is written stands once the turn is over; where it is left by an error, nothing does.
        Raises `DeskUnavailableError`.
        """
        ...

    def append(
        self, events: Sequence[StoredEvent], rows: Sequence[Statement], tracking: Tracking | None
    ) -> None:
        """Write all of it, or nothing.

        Raises:
            DeskConflictError: a version of a stream stands already, or the position is behind.
            DeskUnavailableError: the store cannot write.
        """
        ...

    def position(self, feed: str) -> int:
        """Return the last sequence that was taken of a feed, -1 before the first."""
        ...

    def notifications(self, after: int, limit: int, topics: Sequence[str]) -> list[Notification]:
        """Return events of these types behind a notification, in their order."""
        ...

    def notifications_end(self) -> int:
        """Return the last notification, 0 for none."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Done(msgspec.Struct, frozen=True, tag=True):
    """The command was carried out; ``task`` is as it was then."""

    task: RetentionTask
