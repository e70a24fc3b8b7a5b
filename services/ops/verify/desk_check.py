"""The desk under `holdfast verify`: every signal one decision, every task the fold of its events."""

import asyncio
from collections.abc import Sequence

import msgspec

from events.catalogue import SIGNALS, TASKS
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.desk.checking import DeskCheck, Signal, decided, positions, published, waiting
from infra.desk.port import DeskQueries
from infra.desk.postgres_snapshot import PostgresDeskSnapshot
from infra.desk.relay import DESK, RELAY, account_of, place_of
from infra.desk.sqlite import SqliteDeskFile
from infra.folder import DataFolder
from infra.log.partitioning import partition_of, partition_of_account
from infra.log.records import OutputRecord
from services.ops.place import Place, everything_written, open_window
from services.ops.verify.log_check import Progress
from services.ops.verify.report import DeskChecked, Findings, Kind


async def check_desk(place: Place, findings: Findings, progress: Progress) -> DeskChecked | None:
    """Check the desk of a place, pinned, against the log; None where there is none."""
    desk = _pinned(place)
    if desk is None:
        return None
    try:
        wanted = await everything_written(place)
        async with open_window(place) as window:
            archive = await window.reach(wanted)
            return await _Verification(desk, archive, findings).run(progress)
    finally:
        desk.close()


def _pinned(place: Place) -> SqliteDeskFile | PostgresDeskSnapshot | None:
    """Pin the desk, before the log: so the log has every signal that the desk decided on."""
    if isinstance(place, DataFolder):
        if not place.desk.exists():
            return None
        file = SqliteDeskFile(place.desk)
        file.pin()
        return file
    snapshot = PostgresDeskSnapshot(place.postgres)
    if snapshot.exists:
        return snapshot
    snapshot.close()
    return None


class _Verification:
    def __init__(self, desk: DeskQueries, archive: FactArchive, findings: Findings) -> None:
        self._desk = desk
        self._archive = archive
        self._findings = findings

    async def run(self, progress: Progress) -> DeskChecked:
        """Check streams, then signals, then what was published."""
        progress("desk", 0, 3)
        checked = await asyncio.to_thread(DeskCheck(self._desk, self._found).run)
        progress("desk", 1, 3)
        for projection, reached in positions(self._desk).items():
            await self._check_signals(self._archive, projection, reached)
        progress("desk", 2, 3)
        published = await self._check_published()
        progress("desk", 3, 3)
        return DeskChecked(
            checked.events, checked.tasks, checked.decisions, published, checked.digest
        )

    async def _check_signals(
        self, archive: FactArchive, projection: str, reached: dict[int, int]
    ) -> None:
        """Hold the decisions of a projection against the signals up to where the desk is."""
        settled = decided(self._desk, projection)
        pending = waiting(self._desk, projection)
        said: set[Signal] = set()
        for customer_id in await archive.output_subjects(projection):
            partition = partition_of(customer_id, archive.partitions)
            below = reached.get(partition, -1) + 1
            records = await archive.outputs_of(customer_id, projection, below)
            said.update(_signals(records, partition))
            self._check_customer(customer_id, _signals(records, partition), settled | pending)
        for partition, sequence in sorted(settled - said):
            row = f"signal {projection}:{partition} {sequence}"
            self._findings.add(Kind.TASK, row, "a decision on what was never said")

    def _check_customer(
        self, customer_id: CustomerId, signals: Sequence[Signal], known: set[Signal]
    ) -> None:
        for place in signals:
            if place not in known:
                row = f"customer {customer_id}, signal {place[1]}"
                self._findings.add(Kind.TASK, row, "nothing was decided on it")

    async def _check_published(self) -> int:
        """Hold what stands on ``crm.tasks`` against the events up to where the relay is."""
        partitions = self._archive.partitions
        relayed = place_of(self._desk, RELAY)
        after = count = 0
        while events := published(self._desk, after, relayed):
            last = events[-1][0]
            expected = {
                number: (name, data, _partition_of(name, data, partitions))
                for number, name, data in events
            }
            stands = {
                record.sequence: (record.type, record.data, record.partition)
                for record in await self._archive.outputs_between(TASKS, DESK, after, last)
            }
            for sequence in sorted(expected.keys() | stands.keys()):
                if expected.get(sequence) != stands.get(sequence):
                    self._found(f"{TASKS} {sequence}", "it is not what the desk said")
            after, count = last, count + len(events)
        return count

    def _found(self, row: str, detail: str) -> None:
        self._findings.add(Kind.TASK, row, detail)


def _partition_of(name: str, data: bytes, partitions: int) -> int:
    """Return where an event of the desk belongs on ``crm.tasks``; nowhere, -1, for a damaged one."""
    try:
        return partition_of_account(account_of(name, data), partitions)
    except (ValueError, TypeError, LookupError, msgspec.MsgspecError):
        return -1


def _signals(records: Sequence[OutputRecord], partition: int) -> list[Signal]:
    return [(partition, record.sequence) for record in records if record.topic == SIGNALS]
