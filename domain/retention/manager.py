"""A manager: what the managers' file says, and which open tasks are its work."""

import datetime
from typing import assert_never

import msgspec

from domain.retention.refusals import NoCapacity, OnLeave, UnknownManager
from events.desk import ManagerEvent, ManagerListed, ManagerUnlisted, TaskReleased, TaskTaken
from events.task_values import TaskId


class Manager(msgspec.Struct, frozen=True):
    """A manager as it stands; ``listed`` is None where the managers' file does not name it."""

    code: str
    version: int = 0
    listed: ManagerListed | None = None
    tasks: frozenset[TaskId] = frozenset()

    @property
    def room(self) -> int:
        """How many more tasks it can bear."""
        return 0 if self.listed is None else max(0, self.listed.capacity - len(self.tasks))

    def away_until(self, today: datetime.date) -> datetime.date | None:
        """Return the last day of the leave that it is on; None where it is here."""
        leave = () if self.listed is None else self.listed.leave
        days = [each.last_day for each in leave if each.first_day <= today <= each.last_day]
        return max(days, default=None)


def take(
    manager: Manager, task_id: TaskId, today: datetime.date
) -> TaskTaken | UnknownManager | OnLeave | NoCapacity:
    """Return the event by which a task becomes a manager's work, or why it cannot."""
    if manager.listed is None:
        return UnknownManager(manager.code)
    away = manager.away_until(today)
    if away is not None:
        return OnLeave(manager.code, away)
    if not manager.room:
        return NoCapacity(manager.code, manager.listed.capacity, len(manager.tasks))
    return TaskTaken(manager.code, task_id)


def evolve(manager: Manager, event: ManagerEvent) -> Manager:
    """Return the manager after an event."""
    version, replace = manager.version + 1, msgspec.structs.replace
    match event:
        case ManagerListed():
            return replace(manager, version=version, listed=event)
        case ManagerUnlisted():
            return replace(manager, version=version, listed=None)
        case TaskTaken(task_id=task_id):
            return replace(manager, version=version, tasks=manager.tasks | {task_id})
        case TaskReleased(task_id=task_id):
            return replace(manager, version=version, tasks=manager.tasks - {task_id})
        case _ as never:
            assert_never(never)
