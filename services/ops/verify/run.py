"""`holdfast verify`: a plain second loop over the log, without the runner and without its cache."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.slice import Said
from domain.customer.slice_marks import SliceMark
from domain.detection.day_model import ModelHistory
from events.calendar import day_number
from events.marks import DayOpened, Emission, Emitting
from events.signals import StandingEnded
from events.snapshots import DayClosed
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.archive.slices import DamagedMarkError, slice_marks
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.state.port import START, Position
from infra.state.reader import ProjectionReader
from infra.stream.models import model_history
from infra.stream.release import check_release
from infra.stream.sequence import sequence
from services.ops.reading import EmptyLogError
from services.ops.verify.customer_check import CustomerCheck
from services.ops.verify.log_check import PARTITION, Progress, check_control, check_log
from services.ops.verify.relearning import Relearning
from services.ops.verify.report import NOT_FOLDED, Counts, Findings, Kind, Report

CUSTOMERS_A_REPORT = 200


async def verify(folder: DataFolder, progress: Progress, *, relearn: bool = False) -> Report:
    """Fold every customer from zero and compare it with what is stored, as of one position.

    The models by which it scores are those that were decided; with ``relearn`` these are learned
    anew from the recorded snapshots, and compared too.

    The projection is pinned first and the log after it, so that the log holds all that the states
    were folded from, also while a `serve` goes on writing.

    Raises:
        EmptyLogError: nothing was written into the folder yet.
        StoreError: a file is missing or cannot be read.
        OtherReleaseError: this release folds otherwise than the one that made the states.
    """
    try:
        head = await _head(folder)
    except _ChangedControlError:
        return await _report_of_the_log(folder, progress)
    name = head.projection()
    if name is None:
        raise EmptyLogError(f"{folder.log} was not made to its end yet; give its command again")
    fold = CustomerFold(head.identity.currency)
    check_release(head, name, fold)
    reader = ProjectionReader(folder.projection(name))
    try:
        archive = SqliteArchive(folder.log)
        try:
            verification = Verification(archive, reader, name, fold)
            return await verification.run(head, progress, relearn=relearn)
        finally:
            await archive.close()
    finally:
        reader.close()


class Verification:
    """One pass over a pinned projection and log."""

    def __init__(
        self, archive: FactArchive, reader: ProjectionReader, name: str, fold: CustomerFold
    ) -> None:
        self._archive = archive
        self._reader = reader
        self._name = name
        self._fold = fold
        self._findings = Findings()
        self._quarantined = {entry.customer_id: entry for entry in reader.quarantined}
        self._counted: Counter[int] = Counter()
        self._outputs = 0
        self._customers = 0

    async def run(self, head: LogHead, progress: Progress, *, relearn: bool) -> Report:
        """Check log, states, outputs and, where asked for, models, in this order."""
        counts = await check_log(self._archive, self._findings, progress, self._reader.position)
        self._check_identity(head)
        try:
            digest = await self._check_customers(model_history(head, self._name), progress)
        except DamagedMarkError as error:
            self._findings.add(Kind.PROJECTION, self._name, f"nothing was folded: {error}")
            digest = NOT_FOLDED
        checked = msgspec.structs.replace(
            counts,
            customers=self._customers,
            outputs=self._outputs,
            quarantined=len(self._reader.quarantined),
        )
        end = await self._archive.end_offset(PARTITION)
        position = self._reader.position
        learned_again = None
        if relearn and self._name in head.learners:
            relearning = Relearning(self._archive, head, self._name, self._findings)
            learned_again = await relearning.run(progress)
        report = _report(self._name, position, end, checked, self._findings, digest)
        return msgspec.structs.replace(report, relearned=learned_again)

    def _check_identity(self, head: LogHead) -> None:
        identity = self._reader.identity
        found = None if identity is None else (identity.log_id, identity.fingerprint)
        if found != (head.identity.log_id, head.projections[self._name]):
            self._findings.add(Kind.PROJECTION, self._name, "it belongs to another log or release")

    async def _check_customers(self, models: ModelHistory, progress: Progress) -> str:
        position = self._reader.position
        marks = slice_marks(await self._archive.marks(PARTITION, position.offset))
        check = CustomerCheck(self._fold, self._name, marks, models, self._findings)
        customer_ids = await self._customer_ids()
        digest = FoldDigest()
        for done, customer_id in enumerate(customer_ids):
            await self._check_customer(check, customer_id, digest)
            if done % CUSTOMERS_A_REPORT == 0:
                progress("customers", done, len(customer_ids))
        progress("customers", len(customer_ids), len(customer_ids))
        stored = await self._archive.outputs_of(None, self._name, _bound(position))
        check.check_outputs(None, self._said_of_nobody(marks), stored)
        self._outputs += len(stored)
        return digest.hexdigest()

    async def _customer_ids(self) -> Sequence[CustomerId]:
        ids = set(await self._archive.customers())
        ids.update(row.customer_id for row in self._reader.rows())
        ids.update(await self._archive.output_subjects(self._name))
        return sorted(ids)

    async def _check_customer(
        self, check: CustomerCheck, customer_id: CustomerId, digest: FoldDigest
    ) -> None:
        position = self._reader.position
        records = await self._archive.slice(customer_id, position.offset)
        row = self._reader.row(customer_id)
        stored = await self._archive.outputs_of(customer_id, self._name, _bound(position))
        if not records and row is None and not stored:
            return  # known to the log only behind the pinned position
        set_aside = self._quarantined.get(customer_id)
        mark_done = _mark_done(position, customer_id)
        try:
            folded = check.folded(customer_id, records, mark_done, set_aside)
        except Exception as error:  # noqa: BLE001 - a damaged fact may raise anything; it is reported, and the rest goes on
            said = f"its facts cannot be folded: {type(error).__name__}: {error}"
            self._findings.add(Kind.STATE, f"customer {customer_id}", said)
            return
        check.check_state(customer_id, folded, row)
        check.check_outputs(customer_id, folded.said, stored)
        self._counted.update(folded.counted)
        self._customers += 1
        self._outputs += len(stored)
        if folded.state is not None:
            digest.add(customer_id, folded.state, [said.event for said in folded.said])

    def _said_of_nobody(self, marks: Sequence[SliceMark]) -> list[Said]:
        """Return what the projection says at marks that belongs to no customer."""
        position, today = self._reader.position, 0
        said: list[Said] = []
        for mark in marks:
            if mark.offset == position.offset and position.last_customer is not None:
                break  # this mark is not done yet
            count, event = self._counted[mark.offset], mark.event
            if isinstance(event, DayOpened):
                today = day_number(event.day)
                said.append(Said(mark.offset, today, DayClosed(PARTITION, event.day, count)))
            elif _goes_live(event, self._name):
                said.append(Said(mark.offset, today, StandingEnded(PARTITION, count)))
        return said


def _goes_live(event: Emitting, projection: str) -> bool:
    return event.projection == projection and event.emission is Emission.LIVE


def _bound(position: Position) -> int:
    """Return the first sequence that the pinned position does not vouch for."""
    return sequence(max(position.offset, 0), position.outputs) if position.offset >= 0 else 0


def _mark_done(position: Position, customer_id: CustomerId) -> int:
    if position.last_customer is not None and customer_id > position.last_customer:
        return position.offset - 1
    return position.offset


class _ChangedControlError(Exception):
    """Control records are not as they were written, so nothing that they say can be relied on."""


async def _head(folder: DataFolder) -> LogHead:
    """Return where the log stands. Raises `_ChangedControlError` and `EmptyLogError`."""
    archive, findings = SqliteArchive(folder.log), Findings()
    try:
        await check_control(archive, findings)
        if findings.found:
            raise _ChangedControlError
        head = await archive.head()
    finally:
        await archive.close()
    if head is None:
        raise EmptyLogError(f"{folder.log} holds nothing yet, so there is nothing to verify")
    return head


async def _report_of_the_log(folder: DataFolder, progress: Progress) -> Report:
    """Check the log alone, where there is nothing to fold it by."""
    archive, findings = SqliteArchive(folder.log), Findings()
    try:
        counts = await check_log(archive, findings, progress, START)
        end = await archive.end_offset(PARTITION)
    finally:
        await archive.close()
    return _report("", START, end, counts, findings, NOT_FOLDED)


def _report(
    projection: str,
    position: Position,
    end: int,
    counts: Counts,
    findings: Findings,
    digest: str,
) -> Report:
    return Report(
        projection=projection,
        position=position.offset,
        end=end,
        counts=counts,
        found=findings.found,
        differences=tuple(findings.kept),
        digest=digest,
    )
