"""The recorded snapshots of a projection, day by day, as far as its days are closed."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from events.calendar import day_number
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
    """Iterate over the closed days of a projection of one partition, a day in memory at a time.

    Raises `UnreadableSnapshotError`.
    """
    snapshots: list[SnapshotTaken] = []
    async for record in archive.snapshots(projection):
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
