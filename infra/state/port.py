"""What a state store does for the runner, and what others read of it.

`StateStore` is implemented by `memory.py`, `sqlite.py` and `redis.py`, `StateReader` by `reader.py` and
`redis_reader.py`.
"""

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from events.marks import Emission
from events.values import CustomerId
from infra.mendable import MendableError


class Position(msgspec.Struct, frozen=True):
    """How far a projection has come in one partition; committed together with the states.

    ``offset`` is the last record begun. While it is a mark that steps customers, ``last_customer``
    is the last one done, ``stepped`` how many; None and 0 once the record is done. ``outputs`` are
    those said so far within ``offset``. ``digest`` is that of the record at ``offset``.
    """

    offset: int = -1
    last_customer: CustomerId | None = None
    stepped: int = 0
    outputs: int = 0
    open_day: int | None = None
    emission: Emission = Emission.SILENT
    digest: bytes = b""


START = Position()
NOBODY: frozenset[CustomerId] = frozenset()


class StoreIdentity(msgspec.Struct, frozen=True):
    """What a store belongs to; it is refused for anything else."""

    log_id: str
    projection: str
    fingerprint: str
    partition: int


class StateRow(NamedTuple):
    """A customer's state as stored, with what the store looks rows up by."""

    customer_id: CustomerId
    data: bytes
    due_day: int | None
    standing: bool


class Quarantined(NamedTuple):
    """A customer whose fold raised: at which offset, and what was said. Its state stays as it was."""

    customer_id: CustomerId
    offset: int
    error: str


class ReadRow(NamedTuple):
    """A customer as one moment of its partition has it: all of it was read together.

    ``row`` is None for a customer without a state.
    """

    customer_id: CustomerId
    row: StateRow | None
    position: Position
    quarantined: Quarantined | None


class Commit(msgspec.Struct, frozen=True):
    """What one commit changes, all or nothing."""

    position: Position
    rows: Sequence[StateRow]
    quarantined: Sequence[Quarantined] = ()


class PositionConflictError(Exception):
    """Another worker has moved the position: this one holds the partition no longer."""


class LeaseLostError(PositionConflictError):
    """Another worker took the partition over, or the store was emptied: this one holds it no longer."""


class StateUnavailableError(MendableError):
    """The store does not answer; whether a commit that was under way stands, its position tells."""


class IdentityMismatchError(MendableError):
    """The store belongs to another log, projection, release or partition."""


class StateStore(Protocol):
    """The states of one projection in one partition.

    Where others can reach the store, whatever is read is of the position that was read or committed
    last, or `PositionConflictError` is raised: outputs folded from other states would be published,
    and stand, before the commit is refused.
    """

    async def position(self) -> Position:
        """Return the committed position; `START` for a new store."""
        ...

    async def load(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, bytes]:
        """Return the states of those who have one."""
        ...

    async def due(
        self,
        day: int,
        after: CustomerId | None,
        limit: int,
        known: Container[CustomerId] = NOBODY,
    ) -> Sequence[tuple[CustomerId, bytes | None]]:
        """Return states due on ``day`` or before, in id order, above ``after``.

        The bytes of those in ``known`` may be left out: whoever asks holds their states.
        """
        ...

    async def standing(
        self, after: CustomerId | None, limit: int
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states with a standing signal, in id order, above ``after``."""
        ...

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order."""
        ...

    async def commit(self, expected: Position, commit: Commit) -> None:
        """Store rows and position together, if the position still is ``expected``.

        A customer in quarantine stays there for the reason that was given first.

        Raises:
            PositionConflictError: it is not; nothing was stored.
        """
        ...

    async def close(self) -> None:
        """Let go of files and threads."""
        ...


class StateReader(Protocol):
    """Reads what a projection has stored in all partitions, without ever holding up a worker.

    Positions and identities are those of the moment at which it was opened. Where workers go on
    meanwhile, a row may be newer, so each comes with the position that its partition had then.
    """

    partitions: int

    def position(self, partition: int) -> Position:
        """Return the committed position of a partition; `START` for one without a store."""
        ...

    def identity(self, partition: int) -> StoreIdentity | None:
        """Return what the store of a partition belongs to; None where there is none."""
        ...

    def rows(self, *, standing_only: bool = False) -> AsyncIterator[ReadRow]:
        """Iterate over those who have a state, in id order over all partitions."""
        ...

    async def read(self, customer_ids: Sequence[CustomerId]) -> Sequence[ReadRow]:
        """Return these customers, in this order, also those without a state."""
        ...

    async def row(self, customer_id: CustomerId) -> ReadRow:
        """Return a customer, also one without a state."""
        ...

    async def count(self) -> int:
        """Return how many customers have a state."""
        ...

    async def standing_count(self) -> int:
        """Return how many customers have a standing signal."""
        ...

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order over all partitions."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...
