"""Opening a data folder to look at it: one snapshot of the log and one of its projection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from domain.customer.fold import CustomerFold
from domain.detection.day_model import ModelHistory
from events.calendar import BusinessCalendar
from infra.archive.port import FactArchive
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.mendable import MendableError
from infra.state.reader import ProjectionReader
from infra.stream.models import model_history
from infra.stream.release import check_release


class EmptyLogError(MendableError):
    """The folder holds a log that was never created, so there is nothing to look at."""


class Reading(msgspec.Struct, frozen=True):
    """A folder as of one moment. ``projection`` is None where none was folded here yet.

    The projection's snapshot is never ahead of the log's.
    """

    archive: FactArchive
    head: LogHead
    end_offset: int
    fold: CustomerFold
    models: ModelHistory
    calendar: BusinessCalendar
    projection: ProjectionReader | None

    def fold_on(self, day: int) -> CustomerFold:
        """Return the fold under the model of a day."""
        return self.fold.under(self.models.of(day))

    def states(self) -> ProjectionReader | None:
        """Return the projection to read its states.

        Raises `OtherReleaseError` where the fold of another release made them.
        """
        if self.projection is not None:
            check_release(self.head, self.head.projection() or "", self.fold)
        return self.projection


@asynccontextmanager
async def open_reading(folder: DataFolder) -> AsyncIterator[Reading]:
    """Open a folder for reading, whoever writes to it meanwhile; takes no lock.

    Raises:
        StoreError: there is no log, or a file of the folder cannot be used.
        EmptyLogError: the log was never created.
    """
    projection = await _open_projection(folder)
    try:
        archive = SqliteArchive(folder.log)
        try:
            head = await _created_head(archive, folder)
            yield Reading(
                archive=archive,
                head=head,
                end_offset=await archive.end_offset(0),
                fold=CustomerFold(head.identity.currency),
                models=model_history(head, head.projection() or ""),
                calendar=BusinessCalendar(head.identity.business_timezone),
                projection=projection,
            )
        finally:
            await archive.close()
    finally:
        if projection is not None:
            projection.close()


async def _open_projection(folder: DataFolder) -> ProjectionReader | None:
    """Open the projection that stands; before the log, so that it is not ahead of it."""
    archive = SqliteArchive(folder.log)
    try:
        name = (await _created_head(archive, folder)).projection()
    finally:
        await archive.close()
    if name is None or not folder.projection(name).exists():
        return None
    return ProjectionReader(folder.projection(name))


async def _created_head(archive: SqliteArchive, folder: DataFolder) -> LogHead:
    head = await archive.head()
    if head is None:
        raise EmptyLogError(
            f"{folder.log} holds nothing yet; `holdfast import` or `holdfast serve` fills it"
        )
    return head
