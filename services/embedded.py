"""All of Holdfast in one process on one data folder: log, door, clock and profiles wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from domain.customer.fold import CustomerFold
from events.control import ClockMode, LogCreated
from infra.clock import Clock, fresh_id
from infra.folder import DataFolder, FolderLock
from infra.log.head import LogHead
from infra.log.sqlite import SqliteLog
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.ingest.settings import IngestSettings
from services.learning.app import Learning
from services.ops.place import EmptyLogError
from services.profiles.app import Profiles, Release, Workplace, next_projection


class NewLog(msgspec.Struct, frozen=True):
    """What a log is made with, where the folder has none."""

    business_timezone: str
    currency: str
    namespace: str
    clock_mode: ClockMode

    @classmethod
    def from_settings(cls, settings: IngestSettings, clock_mode: ClockMode) -> "NewLog":
        """Return what the settings ask for."""
        return cls(settings.business_timezone, settings.currency, settings.namespace, clock_mode)


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
            await _create(log, new_log)
        head = await _completed(log, folder, wall)
        door = Door(head.identity)
        place = workplace(folder, log)
        profiles = await Profiles.open(place)
        stack.push_async_callback(profiles.close)
        yield Engine(folder, lock, log, door, DayClock(log, door, wall), profiles, wall)


def workplace(folder: DataFolder, log: SqliteLog) -> Workplace:
    """Return where profiles work in a folder, with the learner of each projection beside them."""
    return Workplace(folder, log, lambda projection: Learning.open(folder, log, projection))


async def _create(log: SqliteLog, new_log: NewLog) -> None:
    """Write the log's first record, where it has none."""
    if log.head is None:
        identity = LogCreated(
            fresh_id(), new_log.business_timezone, new_log.currency, new_log.namespace
        )
        await log.create(identity, new_log.clock_mode)


async def _completed(log: SqliteLog, folder: DataFolder, wall: Clock) -> LogHead:
    """Return the log's head, after finishing its creation if that was broken off."""
    if log.head is None:
        raise EmptyLogError(
            f"{folder.log} holds nothing yet; `holdfast import` or `holdfast serve` fills it"
        )
    if _head(log).projection() is None:
        identity = _head(log).identity
        door = Door(identity)
        follows_wall = _head(log).clock_mode is ClockMode.WALL
        today = door.calendar.day_of(wall.now()) if follows_wall else None
        fold = CustomerFold(identity.currency)
        await log.create_projection(next_projection(_head(log), Release.of(fold), today))
        if today is not None:
            await log.advance(today)
    return _head(log)


def _head(log: SqliteLog) -> LogHead:
    if log.head is None:
        raise LookupError("this log was never created")
    return log.head
