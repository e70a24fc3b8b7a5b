"""The recorded snapshots of a projection, day by day, as far as its days are closed."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from events.calendar import date_of, day_number
from events.catalogue import REGISTRY
from events.registry import UnknownEventTypeError
from events.snapshots import DayClosed, SnapshotTaken
from infra.archive.port import FactArchive
from infra.log.records import OutputRecord
from infra.stream.sequence import published


class RecordedDay(NamedTuple):
    """A closed day and all its snapshots."""

    day: int
    snapshots: list[SnapshotTaken]


class UnreadableSnapshotError(Exception):
    """A record of ``crm.snapshots`` cannot be read."""


async def recorded_days(archive: FactArchive, projection: str) -> AsyncIterator[RecordedDay]:
    """Iterate over the days that all partitions closed, a day in memory at a time.

    Raises `UnreadableSnapshotError`.
    """
    first, *others = (
        _days_of(archive, projection, partition) for partition in range(archive.partitions)
    )
    async for closed in first:
        snapshots = closed.snapshots
        for partition, days in enumerate(others, 1):
            other = await anext(days, None)
            if other is None:
                return
            if other.day != closed.day:
                said = f"partition {partition} closed {date_of(other.day)}"
                raise UnreadableSnapshotError(f"{said} where partition 0 did {date_of(closed.day)}")
            snapshots += other.snapshots
        yield closed


async def _days_of(
    archive: FactArchive, projection: str, partition: int
) -> AsyncIterator[RecordedDay]:
    snapshots: list[SnapshotTaken] = []
    async for record in archive.snapshots(projection, partition):
        match _decoded(record):
            case SnapshotTaken() as snapshot:
                snapshots.append(snapshot)
            case DayClosed(day=date):
                yield RecordedDay(day_number(date), snapshots)
                snapshots = []
            case other:
                said = f"sequence {published(record.sequence)} holds a {type(other).__name__}"
                raise UnreadableSnapshotError(said)


def _decoded(record: OutputRecord) -> msgspec.Struct:
    try:
        return REGISTRY.decode(record.type, record.data)
    except (msgspec.MsgspecError, UnknownEventTypeError, UnicodeDecodeError) as error:
        said = f"crm.snapshots sequence {published(record.sequence)} cannot be read: {error}"
        raise UnreadableSnapshotError(said) from error
