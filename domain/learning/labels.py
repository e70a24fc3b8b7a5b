"""Labels: who of the customers of a day churned within the horizon after it.

The snapshots of a day are joined with those of a horizon later, two cursors side by side. Snapshots
go on for as long as a label is owed, so every customer of the earlier day is in the later one too.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

DAYS_IN_WEEK = 7


class Snapshot(Protocol):
    """What the join reads of a snapshot; ``last_day`` is the day of the customer's last activity."""

    @property
    def customer_id(self) -> str:
        """Return whose snapshot it is."""

    @property
    def last_day(self) -> int:
        """Return the last day of activity, in days since 1970-01-01."""


TakenSnapshot = TypeVar("TakenSnapshot", bound=Snapshot)


class SnapshotMissingError(ValueError):
    """The later snapshots leave out a customer of the earlier ones."""

    def __init__(self, customer_id: str, day: int) -> None:
        super().__init__(
            f"customer {customer_id} has no snapshot of day {day}, but a label is owed"
        )
        self.customer_id = customer_id


class SnapshotOrderError(ValueError):
    """Snapshots do not come in strictly ascending order of customer ids."""

    def __init__(self, customer_id: str, day: int) -> None:
        super().__init__(f"day {day}: the snapshot of {customer_id} comes out of order, or twice")
        self.customer_id = customer_id


def released_labels(
    earlier: Iterable[TakenSnapshot], later: Iterable[Snapshot], day: int, horizon: int
) -> Iterator[tuple[TakenSnapshot, bool]]:
    """Return each snapshot of ``day`` - ``horizon`` and whether its customer has churned.

    ``earlier`` are the snapshots of that day and ``later`` those of ``day``, each of one partition
    and in the order of customer ids. Who was not active from the earlier day on has churned: the
    snapshot of a day is of its start, so activity on that very day came after it. Customers of the
    later day alone owe no label. Raises ``ValueError`` for a horizon that is no positive multiple
    of 7 days at once, and ``SnapshotMissingError`` or ``SnapshotOrderError`` while iterating.
    """
    if horizon <= 0 or horizon % DAYS_IN_WEEK:
        raise ValueError(f"a horizon of {horizon} days is no positive multiple of {DAYS_IN_WEEK}")
    return _merged(_ordered(earlier, day - horizon), _ordered(later, day), day, day - horizon)


def _merged(
    earlier: Iterator[TakenSnapshot], later: Iterator[Snapshot], day: int, earlier_day: int
) -> Iterator[tuple[TakenSnapshot, bool]]:
    for taken in earlier:
        for outcome in later:
            if outcome.customer_id >= taken.customer_id:
                break
        else:
            raise SnapshotMissingError(taken.customer_id, day)
        if outcome.customer_id != taken.customer_id:
            raise SnapshotMissingError(taken.customer_id, day)
        yield taken, outcome.last_day < earlier_day


def _ordered(snapshots: Iterable[TakenSnapshot], day: int) -> Iterator[TakenSnapshot]:
    before: str | None = None
    for snapshot in snapshots:
        if before is not None and snapshot.customer_id <= before:
            raise SnapshotOrderError(snapshot.customer_id, day)
        before = snapshot.customer_id
        yield snapshot
