"""Reading the snapshots of a day: from where the cursors stand to where every partition closed it."""

from collections.abc import Sequence
from typing import NamedTuple

from events.calendar import date_of, day_number
from events.catalogue import REGISTRY, SNAPSHOTS
from events.snapshots import DayClosed, SnapshotTaken
from infra.log.port import OutputReader

BEFORE_ALL = -1
RECORDS_A_READ = 5000


class SnapshotDay(NamedTuple):
    """The snapshots of a day, and the last sequence of it in each partition."""

    snapshots: Sequence[SnapshotTaken]
    cursors: tuple[int, ...]


class DayMissingError(Exception):
    """A partition closed a later day than the one that was to come next."""


async def read_day(
    log: OutputReader, projection: str, cursors: Sequence[int], day: int
) -> SnapshotDay | None:
    """Return the snapshots of a day; None where a partition has not closed it yet.

    ``cursors`` hold the last sequence of the day before in each partition, `BEFORE_ALL` for none.
    Raises `DayMissingError` where another day comes first: the topic was cut.
    """
    snapshots: list[SnapshotTaken] = []
    ends: list[int] = []
    for partition, after in enumerate(cursors):
        end = await _read_partition(log, projection, (partition, after), day, snapshots)
        if end is None:
            return None
        ends.append(end)
    return SnapshotDay(snapshots, tuple(ends))


async def _read_partition(
    log: OutputReader,
    projection: str,
    place: tuple[int, int],
    day: int,
    into: list[SnapshotTaken],
) -> int | None:
    partition, after = place
    while records := await log.read_outputs(
        SNAPSHOTS, projection, partition, after, RECORDS_A_READ
    ):
        for record in records:
            match REGISTRY.decode(record.type, record.data):
                case SnapshotTaken() as snapshot:
                    into.append(snapshot)
                case DayClosed(day=closed) if day_number(closed) == day:
                    return record.sequence
                case DayClosed(day=closed):
                    raise DayMissingError(
                        f"crm.snapshots of {projection}, partition {partition}: {closed} was closed"
                        f" where {date_of(day)} was to come next; records were cut away, and"
                        " `holdfast rebuild` writes them anew"
                    )
                case other:
                    raise TypeError(f"{type(other).__name__} does not belong into {SNAPSHOTS}")
        after = records[-1].sequence
    return None
