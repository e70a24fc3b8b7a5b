"""Reading the snapshots of a day: from where the cursors stand to where every partition closed it."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from events.calendar import date_of, day_number
from events.catalogue import REGISTRY, SNAPSHOTS
from events.snapshots import DayClosed, SnapshotTaken
from infra.log.port import OutputReader
from infra.stream.models import LearnerStoppedError

BEFORE_ALL = -1
RECORDS_A_READ = 5000


class SnapshotDay(NamedTuple):
    """The snapshots of a day, and the last sequence of it in each partition."""

    snapshots: Sequence[SnapshotTaken]
    cursors: tuple[int, ...]


class _Part(NamedTuple):
    """The snapshots of a day in one partition, and the sequence of what closed it."""

    snapshots: Sequence[SnapshotTaken]
    end: int


class DayMissingError(LearnerStoppedError):
    """The snapshots of a day that was closed are not there any more."""

    def __init__(self, projection: str, missing: int, found: str) -> None:
        super().__init__(
            f"the snapshots of {date_of(missing)} are gone from crm.snapshots of {projection}:"
            f" {found}; `holdfast rebuild` writes them anew"
        )


async def read_day(
    log: OutputReader, projection: str, cursors: Sequence[int], day: int
) -> SnapshotDay | None:
    """Return the snapshots of a day; None where a partition has not closed it yet.

    ``cursors`` hold the last sequence of the day before in each partition, `BEFORE_ALL` for none.
    Raises `DayMissingError` where another day comes first: the topic was cut.
    """
    *others, last = enumerate(cursors)
    latest = await _read_partition(log, projection, last, day)
    if latest is None:  # as a rule it is the last one to be folded: before it no other is asked
        return None
    parts = await asyncio.gather(
        *(_read_partition(log, projection, place, day) for place in others),
        return_exceptions=True,  # each is read to its end
    )
    snapshots: list[SnapshotTaken] = []
    ends: list[int] = []
    for part in (*parts, latest):
        if isinstance(part, BaseException):
            raise part
        if part is None:
            return None
        snapshots += part.snapshots
        ends.append(part.end)
    return SnapshotDay(snapshots, tuple(ends))


async def closes(log: OutputReader, projection: str, cursors: Sequence[int], day: int) -> bool:
    """Tell whether the cursors stand where the partitions of this log closed that day."""
    if len(cursors) != log.partitions:
        return False
    for partition, sequence in enumerate(cursors):
        records = await log.read_outputs(SNAPSHOTS, projection, partition, sequence - 1, 1)
        if not records or records[0].sequence != sequence:
            return False
        event = REGISTRY.decode(records[0].type, records[0].data)
        if not isinstance(event, DayClosed) or day_number(event.day) != day:
            return False
    return True


async def _read_partition(
    log: OutputReader, projection: str, place: tuple[int, int], day: int
) -> _Part | None:
    partition, after = place
    snapshots: list[SnapshotTaken] = []
    while records := await log.read_outputs(
        SNAPSHOTS, projection, partition, after, RECORDS_A_READ
    ):
        for record in records:
            match REGISTRY.decode(record.type, record.data):
                case SnapshotTaken() as snapshot:
                    snapshots.append(snapshot)
                case DayClosed(day=closed) if day_number(closed) == day:
                    return _Part(snapshots, record.sequence)
                case DayClosed(day=closed):
                    raise DayMissingError(
                        projection, day, f"partition {partition} goes on with {closed}"
                    )
                case other:
                    raise TypeError(f"{type(other).__name__} does not belong into {SNAPSHOTS}")
        after = records[-1].sequence
    return None
