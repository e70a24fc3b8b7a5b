"""All of Holdfast in one process on one data folder: log, door, clock and profiles wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from infra.clock import Clock
from infra.folder import DataFolder, FolderLock
from infra.log.sqlite import SqliteLog
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.learning.app import Learning
from services.new_log import NewLog, completed, create
from services.ops.place import EmptyLogError
from services.profiles.app import Profiles, Workplace


class Engine(msgspec.Struct, frozen=True):
    """Everything that writes to a folder. Exactly one process holds one."""

    folder: DataFolder
    lock: FolderLock
    log: SqliteLog
    door: Door
    day_clock: DayClock
    profiles: Profiles
    wall: Clock


@asynccontextmanager
async def open_engine(
    folder: DataFolder, new_log: NewLog | None, wall: Clock
) -> AsyncIterator[Engine]:
    """Take the folder's lock and open all of it, making a log where there is none.

    With no ``new_log``, the log must have been made before.

    Raises:
        FolderInUseError: another process holds the folder.
        StoreError: a file of it cannot be used.
        EmptyLogError: the log must have been made before, and was not.
    """
    async with AsyncExitStack() as stack:
        lock = stack.enter_context(FolderLock(folder))
        log = await SqliteLog.open(folder.log, wall)
        stack.push_async_callback(log.close)
        if new_log is not None:
            await create(log, new_log)
        if log.head is None:
            raise EmptyLogError(
                f"{folder.log} holds nothing yet; `holdfast import` or `holdfast serve` fills it"
            )
        head = await completed(log, wall)
        door = Door(head.identity)
        place = workplace(folder, log)
        profiles = await Profiles.open(place)
        stack.push_async_callback(profiles.close)
        yield Engine(folder, lock, log, door, DayClock(log, door, wall), profiles, wall)


def workplace(folder: DataFolder, log: SqliteLog) -> Workplace:
    """Return where profiles work in a folder, with the learner of each projection beside them."""
    return Workplace(folder, log, lambda projection: Learning.open(folder, log, projection))
