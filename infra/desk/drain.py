"""The queue: offered in its order to whoever fits and has room, whenever there is any."""

from collections.abc import Iterator

from domain.retention.commands import Offer
from domain.retention.manager import take
from domain.retention.routing import Routed, route
from domain.retention.task import RetentionTask, TaskState
from events.desk import TaskTaken
from events.task_values import TaskId
from infra.desk.office import Office

OFFERS_A_TRANSACTION = 100
TASKS_A_READ = 500

_FIRST = """SELECT task_id, due_slot, value FROM desk_tasks WHERE state = 'queued'
ORDER BY due_slot, value DESC, task_id LIMIT ?"""
_NEXT = """SELECT task_id, due_slot, value FROM desk_tasks WHERE state = 'queued'
AND (due_slot > ? OR (due_slot = ? AND (value < ? OR (value = ? AND task_id > ?))))
ORDER BY due_slot, value DESC, task_id LIMIT ?"""


def drain(office: Office) -> int:
    """Offer queued tasks while somebody has room; return how many were offered in this book."""
    offered = 0
    for task in _queue(office):
        if offered == OFFERS_A_TRANSACTION or not _has_room(office):
            break
        managers, today = office.book.managers(), office.now.day
        found = route(task.placement, task.declined_by, managers, today)
        if found is not None:
            offer(office, task, found)
            offered += 1
    return offered


def offer(office: Office, task: RetentionTask, found: Routed) -> None:
    """Offer a task to a manager who has room."""
    taken = take(office.book.manager(found.manager), task.task_id, office.now.day)
    if not isinstance(taken, TaskTaken):
        raise TypeError(f"{found.manager} was free a moment ago: {taken}")
    office.book.say(taken)
    policy, clock = office.rules.policy, office.rules.clock
    until = clock.after(office.now.at, policy.offer_hours)
    office.carry_out(task, Offer(office.about(task), found.manager, found.route, until))


def _has_room(office: Office) -> bool:
    day = office.now.day
    return any(
        manager.room and manager.away_until(day) is None
        for manager in office.book.managers().values()
    )


def _queue(office: Office) -> Iterator[RetentionTask]:
    if not _has_room(office):
        return
    rows = office.book.fetch(_FIRST, TASKS_A_READ)
    while rows:
        for task_id, _, _ in rows:
            task = office.book.open_task(TaskId(str(task_id)))
            if task.state is TaskState.QUEUED:
                yield task
        task_id, slot, value = rows[-1]
        rows = office.book.fetch(
            _NEXT,
            int(slot or 0),
            int(slot or 0),
            int(value or 0),
            int(value or 0),
            str(task_id),
            TASKS_A_READ,
        )
