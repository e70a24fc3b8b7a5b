"""Where a reading opens: the data folder of one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.archive.port import FactArchive
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder, LockHolder
from infra.log.head import LogHead
from infra.mendable import MendableError
from infra.sqlite.connection import StoreError
from infra.state.port import StateReader
from infra.state.reader import ProjectionReader
from services.ops.archive_window import ArchiveWindow, Missing, facts_up_to

Place = DataFolder


class EmptyLogError(MendableError):
    """The place holds a log that was never created, so there is nothing to look at."""


@asynccontextmanager
async def open_archive(place: Place) -> AsyncIterator[FactArchive]:
    """Open a snapshot of the log, whoever writes to it meanwhile.

    Raises `StoreError` where it cannot be used.
    """
    archive = SqliteArchive(place.log)
    try:
        yield archive
    finally:
        await archive.close()


@asynccontextmanager
async def open_states(
    place: Place,
    head: LogHead,
    partitions: int,  # noqa: ARG001 - a folder has one
) -> AsyncIterator[StateReader | None]:
    """Open the states of the projection that stands; None where it has none here.

    Raises `StoreError` where they cannot be used.
    """
    name = head.projection()
    if name is None or not place.projection(name).exists():
        yield None
        return
    reader = ProjectionReader(place.projection(name))
    try:
        yield reader
    finally:
        await reader.close()


def described(place: Place) -> str:
    """Return what a person calls the place."""
    return str(place.path)


def empty_log(place: Place) -> EmptyLogError:
    """Return what to say of a log that was never created."""
    return EmptyLogError(
        f"{place.log} holds nothing yet; `holdfast import` or `holdfast serve` fills it"
    )


def holder_of(place: Place) -> LockHolder | None:
    """Return the process that works on the place.

    Raises ``PermissionError`` where another user's process made the lock.
    """
    return place.holder()


def open_window(place: Place) -> ArchiveWindow:
    """Return a window on the archive, to be entered."""
    return ArchiveWindow(lambda: open_archive(place), is_the_log=True)


def no_states(place: Place, name: str) -> MendableError:
    """Return what to say where a projection has no states."""
    return StoreError(f"{place.projection(name)} does not exist; `holdfast serve` folds it anew")


async def everything_written(place: Place) -> Missing:  # noqa: ARG001 - a folder lacks nothing
    """Return what an archive has to have that lacks nothing of what is written up to now."""
    return facts_up_to({})  # the archive of a folder is its log itself
