"""How good the scores of the standing projection were, out of what it recorded in ``crm.snapshots``.

A score is the one given when the snapshot was taken, by the model of that day, which had seen
nothing of what came after: prequential (Dawid 1984).
"""

import msgspec

from domain.learning.quality.labelling import SnapshotLabels
from domain.learning.quality.report import QualityReport, report
from events.calendar import day_number
from events.catalogue import REGISTRY
from events.registry import UnknownEventTypeError
from events.snapshots import DayClosed, SnapshotTaken
from infra.log.records import OutputRecord
from infra.sqlite.connection import StoreError
from services.ops.freshness import NothingFolded
from services.ops.reading import Reading

_ALL_SEQUENCES = 2**63 - 1


class ClosedDay(msgspec.Struct, frozen=True):
    """The last day into which a projection stepped all its customers, and day 0 of its log."""

    projection: str
    day: int
    first_day: int


async def quality(reading: Reading) -> QualityReport | NothingFolded:
    """Return the figures as of the last closed day."""
    closed = await closed_day(reading)
    return closed if isinstance(closed, NothingFolded) else await quality_as_of(reading, closed)


async def closed_day(reading: Reading) -> ClosedDay | NothingFolded:
    """Return up to which day all partitions of the standing projection are, without its snapshots.

    Raises `StoreError` for a record that cannot be read.
    """
    projection, first_day = reading.head.projection(), reading.head.first_day
    if projection is None or first_day is None:
        return NothingFolded(reading.records)
    newest: dict[int, int] = {}
    for partition in reading.partitions:
        for record in await reading.archive.outputs_of_nobody(
            partition, projection, _ALL_SEQUENCES
        ):
            event = _decoded(record)
            if isinstance(event, DayClosed):
                newest[event.partition] = day_number(event.day)
    if len(newest) < len(reading.partitions):
        return NothingFolded(reading.records)
    return ClosedDay(projection, min(newest.values()), first_day)


async def quality_as_of(reading: Reading, closed: ClosedDay) -> QualityReport:
    """Return the figures as of a closed day; snapshots of a later one are left out.

    Goes through all snapshots once and keeps of each what figures need. Raises `StoreError` for a
    record that cannot be read.
    """
    labels = SnapshotLabels()
    for partition in reading.partitions:
        async for record in reading.archive.snapshots(closed.projection, partition):
            event = _decoded(record)
            if isinstance(event, SnapshotTaken) and day_number(event.day) <= closed.day:
                labels.add(event)
    return report(closed.projection, labels, closed.first_day, closed.day)


def _decoded(record: OutputRecord) -> msgspec.Struct:
    try:
        return REGISTRY.decode(record.type, record.data)
    except (msgspec.MsgspecError, UnknownEventTypeError) as error:
        raise StoreError(
            f"{record.topic} offset {record.offset}, {record.type}, cannot be read ({error}): if a"
            " newer release wrote it, use that one; otherwise restore the log from a backup"
        ) from error
