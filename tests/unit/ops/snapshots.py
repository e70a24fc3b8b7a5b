"""Folders whose log holds snapshots of customers, as a projection would have published them."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from domain.learning.quality.labelling import SnapshotLabels
from domain.learning.quality.report import QualityReport, report
from events import codec
from events.calendar import day_number
from events.catalogue import REGISTRY, SNAPSHOTS
from events.marks import Emission
from events.signals import ValueSegment
from events.snapshots import DayClosed, SnapshotTaken
from infra.folder import DataFolder
from infra.log.records import Output
from infra.log.sqlite import SqliteLog
from infra.stream.sequence import sequence
from tests.unit.domain.quality.scores import FIRST_DAY, dated, taken
from tests.unit.ops.folders import PROJECTION, StandingClock, order, written

DAYS_BEFORE = 23
"""The folder's day 0, the 26th of January 2011, counted from the start of `tests.unit.ops.folders`."""

SEGMENTS = (ValueSegment.HIGH, ValueSegment.LOW, None)


def weekly(last: int, customers: int = 20) -> Iterator[SnapshotTaken]:
    """Customers on all weekdays up to a day. Those of odd numbers bought once more on day 60.

    They score low, and the others high; after day 60 nobody buys.
    """
    for day in range(1, last + 1):
        for number in range(customers):
            if (day - number) % 7 == 0:
                bought = 60 if number % 2 and day > 60 else 0
                score = (-1.0 if number % 2 else 1.0) + number / 100
                customer, segment = f"{number:08x}", SEGMENTS[number % len(SEGMENTS)]
                yield taken(customer, day, bought, score, f"model-{day}", segment)


def reported(snapshots: Iterable[SnapshotTaken], last: int) -> QualityReport:
    """The report on snapshots that went through no log."""
    labels = SnapshotLabels()
    for snapshot in snapshots:
        labels.add(snapshot)
    return report(PROJECTION, labels, FIRST_DAY, FIRST_DAY + last)


def closed(day: int, partition: int = 0) -> DayClosed:
    """The record by which a partition closes a day, counted from day 0."""
    return DayClosed(partition, dated(day), 20)


def snapshot_folder(path: Path, last: int, customers: int = 20) -> DataFolder:
    """A folder with weekly snapshots of customers, whose days are closed up to ``last``."""
    every = [*weekly(last, customers), *(closed(day) for day in range(last + 1))]
    return folder_of(path, sorted(every, key=lambda said: (said.day, isinstance(said, DayClosed))))


def folder_of(path: Path, said: Sequence[SnapshotTaken | DayClosed]) -> DataFolder:
    """A folder in which the projection said all this, in this order; nothing is folded there."""

    async def publish(log: SqliteLog) -> None:
        await log.publish(PROJECTION, 0, [_output(event, n) for n, event in enumerate(said)])

    return written(path, [order("A", DAYS_BEFORE)], work=publish, fold=False)


def say(folder: DataFolder, said: Sequence[Output], projection: str = PROJECTION) -> None:
    """Let a projection say more."""

    async def publish() -> None:
        log = await SqliteLog.open(folder.log, StandingClock())
        try:
            await log.publish(projection, 0, said)
        finally:
            await log.close()

    asyncio.run(publish())


def outputs(said: Sequence[SnapshotTaken | DayClosed], offset: int) -> list[Output]:
    """What is said, as outputs of the record at an offset; `folder_of` says all at offset 0."""
    return [_output(event, sequence(offset, n)) for n, event in enumerate(said)]


def _output(event: SnapshotTaken | DayClosed, number: int) -> Output:
    customer_id = event.customer_id if isinstance(event, SnapshotTaken) else None
    return Output(
        SNAPSHOTS,
        number,
        REGISTRY.name_of(event),
        customer_id,
        day_number(event.day),
        Emission.LIVE,
        codec.encode(event),
    )
