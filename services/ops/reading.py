"""Opening a log to look at it: one snapshot of its archive, and the states of its projection."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from domain.customer.fold import CustomerFold
from domain.detection.day_model import ModelHistory
from events.calendar import BusinessCalendar
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.log.head import LogHead
from infra.log.partitioning import partition_of
from infra.state.port import Position, ReadRow, StateReader, StoreIdentity
from infra.stream.fold_release import check_release
from infra.stream.models import model_history
from services.ops.archive_window import ArchiveWindow, facts_up_to
from services.ops.place import Place, empty_log, open_archive, open_states, open_window


class Reading(msgspec.Struct, frozen=True):
    """A log as of one moment. ``projection`` is None where none was folded here yet.

    ``ends`` has the offset of the last record of each facts partition, -1 for none.
    """

    window: ArchiveWindow
    head: LogHead
    ends: tuple[int, ...]
    fold: CustomerFold
    models: ModelHistory
    calendar: BusinessCalendar
    projection: StateReader | None

    @property
    def archive(self) -> FactArchive:
        """The newest snapshot that was asked for."""
        return self.window.archive

    @property
    def partitions(self) -> range:
        """All partitions of ``crm.facts``."""
        return range(len(self.ends))

    @property
    def records(self) -> int:
        """How many records the log has; on Kafka, with the gaps between them."""
        return sum(self.ends) + len(self.ends)

    @property
    def positions(self) -> tuple[Position, ...]:
        """Where the projection stands in each partition; nowhere without one."""
        if self.projection is None:
            return ()
        return tuple(map(self.projection.position, self.partitions))

    @property
    def identity(self) -> StoreIdentity | None:
        """What the states belong to; None where no partition has any."""
        if self.projection is None:
            return None
        found = map(self.projection.identity, self.partitions)
        return next((identity for identity in found if identity is not None), None)

    @property
    def records_behind(self) -> int:
        """How many records of the log the projection has not folded."""
        if self.projection is None:
            return self.records
        return sum(
            max(0, end - position.offset)
            for end, position in zip(self.ends, self.positions, strict=True)
        )

    def partition_of(self, customer_id: CustomerId) -> int:
        """Return the partition in which a customer's facts stand."""
        return partition_of(customer_id, len(self.ends))

    def fold_on(self, day: int) -> CustomerFold:
        """Return the fold under the model of a day."""
        return self.fold.under(self.models.of(day))

    def states(self) -> StateReader | None:
        """Return the projection to read its states.

        Raises `OtherReleaseError` where the fold of another release made them.
        """
        if self.projection is not None:
            check_release(self.head, self.head.projection() or "", self.fold)
        return self.projection

    async def reaching(self, found: ReadRow) -> FactArchive:
        """Return a snapshot that has what a customer's state was folded from.

        Raises `ArchiveBehindError` where the archive does not come so far.
        """
        partition = self.partition_of(found.customer_id)
        return await self.window.reach(facts_up_to({partition: found.position.offset}))


@asynccontextmanager
async def open_reading(place: Place) -> AsyncIterator[Reading]:
    """Open a log for reading, whoever writes to it meanwhile; takes no lock.

    The states are opened before the archive, so that it is not behind them without need.

    Raises:
        StoreError: there is no log, or a file of the folder cannot be used.
        EmptyLogError: the log was never created.
    """
    async with AsyncExitStack() as opened:
        async with open_archive(place) as archive:
            head = await _created_head(archive, place)
            partitions = archive.partitions
        projection = await opened.enter_async_context(open_states(place, head, partitions))
        window = await opened.enter_async_context(open_window(place))
        archive, head = window.archive, await _created_head(window.archive, place)
        yield Reading(
            window=window,
            head=head,
            ends=tuple([await archive.end_offset(number) for number in range(partitions)]),
            fold=CustomerFold(head.identity.currency),
            models=model_history(head, head.projection() or ""),
            calendar=BusinessCalendar(head.identity.business_timezone),
            projection=projection,
        )


async def _created_head(archive: FactArchive, place: Place) -> LogHead:
    head = await archive.head()
    if head is None:
        raise empty_log(place)
    return head
