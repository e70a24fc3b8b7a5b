"""Is everything stored, and all that was said, what the log folds to, customer by customer?"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, Said
from domain.customer.slice_marks import SliceMark
from events.calendar import day_number
from events.marks import DayOpened, Emission, Emitting
from events.signals import StandingEnded
from events.snapshots import DayClosed
from events.values import CustomerId
from infra.archive.slices import slice_marks
from infra.log.partitioning import partition_of
from infra.log.records import FactRecord
from infra.state.port import Position, ReadRow, StateReader
from infra.stream.models import model_history
from infra.stream.sequence import sequence
from services.ops.archive_window import ArchiveWindow, facts_up_to
from services.ops.verify.customer_check import CustomerCheck
from services.ops.verify.log_check import Progress
from services.ops.verify.report import Findings, Kind

CUSTOMERS_A_READ = 200


class Checked(msgspec.Struct, frozen=True):
    """How much was checked, and the digest of all that was folded."""

    customers: int
    outputs: int
    digest: str


class _Marks(msgspec.Struct, frozen=True):
    """The marks of a partition up to an offset, and the check that goes by them."""

    up_to: int
    marks: Sequence[SliceMark]
    check: CustomerCheck


class StatesCheck:
    """One pass over all customers.

    The position of each partition is pinned when it begins. A row that a worker has moved on since
    is compared as of its own position; what was said, and the digest, are as of the pinned ones.
    """

    def __init__(
        self, window: ArchiveWindow, reader: StateReader, fold: CustomerFold, findings: Findings
    ) -> None:
        self._window = window
        self._reader = reader
        self._fold = fold
        self._findings = findings
        self._marks: dict[int, _Marks] = {}
        self._counted: dict[int, Counter[int]] = {}
        self._digest = FoldDigest()
        self._outputs = self._customers = 0
        self._name = ""

    async def run(self, name: str, progress: Progress) -> Checked:
        """Check every customer, in the order of ids over all partitions. Raises `DamagedMarkError`."""
        self._name = name
        for partition in range(self._reader.partitions):
            self._counted[partition] = Counter()
            await self._take_marks(partition, self._reader.position(partition).offset)
        customer_ids = await self._customer_ids()
        for start in range(0, len(customer_ids), CUSTOMERS_A_READ):
            progress("customers", start, len(customer_ids))
            for found in await self._reader.read(customer_ids[start : start + CUSTOMERS_A_READ]):
                await self._check_customer(found)
        progress("customers", len(customer_ids), len(customer_ids))
        for partition in range(self._reader.partitions):
            await self._check_nobody(partition)
        return Checked(self._customers, self._outputs, self._digest.hexdigest())

    async def _take_marks(self, partition: int, up_to: int) -> None:
        """Read marks up to an offset, once the archive has them."""
        archive = await self._window.reach(facts_up_to({partition: up_to}))
        head = await archive.head()
        if head is None:
            raise LookupError("a log with states has a head")
        marks = slice_marks(await archive.marks(partition, up_to))
        models = model_history(head, self._name)
        check = CustomerCheck(self._fold, self._name, marks, models, self._findings)
        self._marks[partition] = _Marks(up_to, marks, check)

    async def _customer_ids(self) -> Sequence[CustomerId]:
        ids = set(await self._window.archive.customers())
        async for found in self._reader.rows():
            ids.add(found.customer_id)
        ids.update(await self._window.archive.output_subjects(self._name))
        return sorted(ids)

    async def _check_customer(self, found: ReadRow) -> None:
        customer_id = found.customer_id
        partition = partition_of(customer_id, self._reader.partitions)
        pinned = self._reader.position(partition)
        if found.position.offset > self._marks[partition].up_to:
            await self._take_marks(partition, found.position.offset)
        archive, check = self._window.archive, self._marks[partition].check
        records = await archive.slice(customer_id, found.position.offset)
        stored = await archive.outputs_of(customer_id, self._name, _bound(pinned))
        if not records and found.row is None and not stored:
            return  # known to the log only behind the pinned position
        try:
            folded = check.folded(found, records, found.position)
            at_pinned = self._as_pinned(found, records, folded)
        except Exception as error:  # noqa: BLE001 - a damaged fact may raise anything; it is reported, and the rest goes on
            said = f"its facts cannot be folded: {type(error).__name__}: {error}"
            self._findings.add(Kind.STATE, f"customer {customer_id}", said)
            return
        check.check_state(customer_id, folded, found.row)
        check.check_outputs(customer_id, at_pinned.said, stored)
        self._counted[partition].update(at_pinned.counted)
        self._customers += 1
        self._outputs += len(stored)
        if at_pinned.state is not None:
            said_by = [said.event for said in at_pinned.said]
            self._digest.add(customer_id, at_pinned.state, said_by)

    def _as_pinned(
        self, found: ReadRow, records: Sequence[FactRecord], folded: FoldedSlice
    ) -> FoldedSlice:
        """Return what the slice folds to as of the pinned position, from which a row may have moved."""
        partition = partition_of(found.customer_id, self._reader.partitions)
        pinned = self._reader.position(partition)
        if found.position == pinned:
            return folded
        return self._marks[partition].check.folded(found, records, pinned)

    async def _check_nobody(self, partition: int) -> None:
        """Check what the projection says at marks that belongs to no customer."""
        position = self._reader.position(partition)
        kept = self._marks[partition]
        stored = await self._window.archive.outputs_of_nobody(
            partition, self._name, _bound(position)
        )
        said = self._said_of_nobody(partition, kept.marks, position)
        kept.check.check_outputs(None, said, stored)
        self._outputs += len(stored)

    def _said_of_nobody(
        self, partition: int, marks: Sequence[SliceMark], position: Position
    ) -> list[Said]:
        today = 0
        said: list[Said] = []
        for mark in marks:
            under_way = mark.offset == position.offset and position.last_customer is not None
            if mark.offset > position.offset or under_way:
                break
            count, event = self._counted[partition][mark.offset], mark.event
            if isinstance(event, DayOpened):
                today = day_number(event.day)
                said.append(Said(mark.offset, today, DayClosed(partition, event.day, count)))
            elif _goes_live(event, self._name):
                said.append(Said(mark.offset, today, StandingEnded(partition, count)))
        return said


def _goes_live(event: Emitting, projection: str) -> bool:
    return event.projection == projection and event.emission is Emission.LIVE


def _bound(position: Position) -> int:
    """Return the first sequence that the pinned position does not vouch for."""
    return sequence(max(position.offset, 0), position.outputs) if position.offset >= 0 else 0
