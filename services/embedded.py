"""All of Holdfast in one process on one data folder: log, door, clock, profiles and desk wired together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from domain.retention.commands import PeoplesCommand
from domain.retention.refusals import Refusal
from infra.clock import Clock
from infra.desk.port import Done
from infra.folder import DataFolder, FolderLock
from infra.log.sqlite import SqliteLog
from services.alerts.app import Alerts
from services.alerts.build import DeskPlace, open_alerts
from services.alerts.settings import DeskSettings
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.ingest.intake import Intake
from services.learning.app import Learning
from services.new_log import NewLog, completed, create
from services.ops.place import EmptyLogError
from services.outcome_door import LocalDoor
from services.profiles.app import Profiles, Workplace


class Engine(msgspec.Struct, frozen=True):
    """Everything that writes to a folder. Exactly one process holds one."""

    folder: DataFolder
    lock: FolderLock
    log: SqliteLog
    door: Door
    day_clock: DayClock
    profiles: Profiles
    alerts: Alerts
    wall: Clock

    async def catch_up(self, report: Callable[[int], None] = lambda _: None) -> None:
        """Fold all that the log has and decide on every signal, until neither adds to the log."""
        end = -2
        while end != (end := await self.log.end_offset(0)):
            await self.profiles.catch_up(report)
            await self.alerts.catch_up()

    async def execute(self, command: PeoplesCommand) -> Done | Refusal:
        """Carry out a command on a task as of now, and publish what came of it."""
        desk = self.alerts.desk
        about = msgspec.structs.replace(command.about, now=await desk.now())
        answered = await desk.execute(msgspec.structs.replace(command, about=about))
        await self.catch_up()
        return answered


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
        PolicyFileError: the task policy or the managers' file is wrong.
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
        local = LocalDoor(folder, Intake(log, door, wall, "the desk"))
        desk_place = DeskPlace(folder.desk, log)
        alerts = await open_alerts(desk_place, wall, DeskSettings(), local)
        stack.push_async_callback(alerts.close)
        clock = DayClock(log, door, wall)
        yield Engine(folder, lock, log, door, clock, profiles, alerts, wall)


def workplace(folder: DataFolder, log: SqliteLog) -> Workplace:
    """Return where profiles work in a folder, with the learner of each projection beside them."""
    return Workplace(folder, log, lambda projection: Learning.open(folder, log, projection))
