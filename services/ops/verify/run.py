"""`holdfast verify`: a plain second loop over the log, without the runner and without its cache."""

from collections.abc import Sequence

import msgspec

from domain.customer.fold import CustomerFold
from infra.archive.port import FactArchive
from infra.archive.slices import DamagedMarkError
from infra.log.head import LogHead
from infra.state.port import Position, StateReader
from infra.stream.fold_release import check_release
from services.ops.archive_window import ArchiveWindow
from services.ops.place import (
    EmptyLogError,
    Place,
    described,
    everything_written,
    no_states,
    open_archive,
    open_states,
    open_window,
)
from services.ops.verify.desk_check import check_desk
from services.ops.verify.log_check import Progress, check_control, check_log, not_checkable
from services.ops.verify.relearning import Relearning
from services.ops.verify.report import NOT_FOLDED, Findings, Kind, Relearned, Report
from services.ops.verify.states_check import Checked, StatesCheck


async def verify(place: Place, progress: Progress, *, relearn: bool = False) -> Report:
    """Fold every customer from zero and compare it with what is stored, as of one position.

    The models by which it scores are those that were decided; with ``relearn`` these are learned
    anew from the recorded snapshots, and compared too.

    The projection is pinned first and the log after it, so that the log holds all that the states
    were folded from, also while others go on writing.

    Raises:
        EmptyLogError: nothing was written yet.
        StoreError: a file is missing or cannot be read.
        OtherReleaseError: this release folds otherwise than the one that made the states.
        ArchiveBehindError: the archive is not fed with what the states were folded from.
    """
    async with open_archive(place) as archive:
        try:
            head = await _head(archive, place)
        except _ChangedControlError:
            return await _report_of_the_log(archive, progress)
        partitions = archive.partitions
    name = head.projection()
    if name is None:
        raise EmptyLogError(
            f"{described(place)} was not made to its end yet; give its command again"
        )
    fold = CustomerFold(head.identity.currency)
    check_release(head, name, fold)
    async with open_states(place, head, partitions) as reader:
        if reader is None:
            raise no_states(place, name)
        wanted = await everything_written(place)
        async with open_window(place) as window:
            await window.reach(wanted)
            verification = Verification(window, reader, name, fold)
            return await verification.run(head, place, progress, relearn=relearn)


class Verification:
    """One pass over a pinned projection and log."""

    def __init__(
        self, window: ArchiveWindow, reader: StateReader, name: str, fold: CustomerFold
    ) -> None:
        self._window = window
        self._reader = reader
        self._name = name
        self._findings = Findings()
        self._states = StatesCheck(window, reader, fold, self._findings)

    async def run(
        self, head: LogHead, place: Place, progress: Progress, *, relearn: bool
    ) -> Report:
        """Check log, states, outputs, the desk and, where asked for, models, in this order."""
        archive, partitions = self._window.archive, range(self._reader.partitions)
        positions = [self._reader.position(partition) for partition in partitions]
        ends = [await archive.end_offset(partition) for partition in partitions]
        counts = await check_log(archive, self._findings, progress, positions)
        self._check_identity(head)
        try:
            checked = await self._states.run(self._name, progress)
        except DamagedMarkError as error:
            self._findings.add(Kind.PROJECTION, self._name, f"nothing was folded: {error}")
            checked = Checked(0, 0, NOT_FOLDED)
        counts = msgspec.structs.replace(
            counts,
            customers=checked.customers,
            outputs=checked.outputs,
            quarantined=len(await self._reader.quarantined()),
        )
        desk = await check_desk(place, self._findings, progress)
        relearned = await self._relearned(head, progress) if relearn else None
        return Report(
            projection=self._name,
            position=_added_up([position.offset for position in positions]),
            end=_added_up(ends),
            counts=counts,
            relearned=relearned,
            found=self._findings.found,
            differences=tuple(self._findings.kept),
            digest=checked.digest,
            partitions=len(partitions),
            unchecked=not_checkable(archive),
            desk=desk,
        )

    async def _relearned(self, head: LogHead, progress: Progress) -> Relearned | None:
        if self._name not in head.learners:
            return None
        relearning = Relearning(self._window.archive, head, self._name, self._findings)
        return await relearning.run(progress)

    def _check_identity(self, head: LogHead) -> None:
        expected = (head.identity.log_id, head.projections[self._name])
        for partition in range(self._reader.partitions):
            identity = self._reader.identity(partition)
            if identity is None and self._reader.position(partition) == Position():
                continue  # nobody has folded anything of it yet
            found = None if identity is None else (identity.log_id, identity.fingerprint)
            if found != expected:
                detail = "it belongs to another log or release"
                self._findings.add(Kind.PROJECTION, self._name, detail)
                return


class _ChangedControlError(Exception):
    """Control records are not as they were written, so nothing that they say can be relied on."""


async def _head(archive: FactArchive, place: Place) -> LogHead:
    """Return where the log stands. Raises `_ChangedControlError` and `EmptyLogError`."""
    findings = Findings()
    await check_control(archive, findings)
    if findings.found:
        raise _ChangedControlError
    head = await archive.head()
    if head is None:
        raise EmptyLogError(f"{described(place)} holds nothing yet, so there is nothing to verify")
    return head


async def _report_of_the_log(archive: FactArchive, progress: Progress) -> Report:
    """Check the log alone, where there is nothing to fold it by."""
    findings = Findings()
    counts = await check_log(archive, findings, progress, ())
    ends = [await archive.end_offset(partition) for partition in range(archive.partitions)]
    return Report(
        projection="",
        position=-1,
        end=_added_up(ends),
        counts=counts,
        found=findings.found,
        differences=tuple(findings.kept),
        digest=NOT_FOLDED,
        partitions=archive.partitions,
        unchecked=not_checkable(archive),
    )


def _added_up(offsets: Sequence[int]) -> int:
    """Return up to which record all partitions are, added up; of a single one, its offset."""
    return sum(offset + 1 for offset in offsets) - 1
