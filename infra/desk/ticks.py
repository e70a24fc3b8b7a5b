"""What time does to tasks: offers end, tasks wake; and what the managers' file says takes effect."""

import datetime
from collections.abc import Sequence

from domain.retention.commands import TimeOut, Wake
from domain.retention.task import TaskState
from events.desk import ManagerListed, ManagerUnlisted
from events.task_values import TaskId, WokenBy
from infra.desk.office import Office

TASKS_A_TRANSACTION = 200

_ENDED = """SELECT task_id FROM desk_tasks WHERE offered_until IS NOT NULL AND offered_until <= ?
ORDER BY offered_until, task_id LIMIT ?"""
_AWAKE = """SELECT task_id FROM desk_tasks WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?
ORDER BY snoozed_until, task_id LIMIT ?"""


def pass_time(office: Office) -> int:
    """End the offers and the rests whose time has come; return how many, up to a transaction's worth."""
    now, book, changed = office.now, office.book, 0
    for (task_id,) in book.fetch(_ENDED, as_text(now.at), TASKS_A_TRANSACTION):
        task = book.open_task(TaskId(str(task_id)))
        if task.state is TaskState.OFFERED:
            office.release(task)
            office.carry_out(task, TimeOut(office.about(task)))
            changed += 1
    for (task_id,) in book.fetch(_AWAKE, now.day.isoformat(), TASKS_A_TRANSACTION):
        task = book.open_task(TaskId(str(task_id)))
        if task.state is TaskState.SNOOZED:
            office.carry_out(task, Wake(office.about(task), WokenBy.DATE))
            changed += 1
    return changed


def wake_for(office: Office, task_id: TaskId, because: WokenBy) -> int:
    """Wake a task, where it still rests; return how many that were."""
    task = office.book.open_task(task_id)
    if task.state is not TaskState.SNOOZED:
        return 0
    office.carry_out(task, Wake(office.about(task), because))
    return 1


def list_managers(office: Office, listed: Sequence[ManagerListed]) -> int:
    """Take in what the managers' file says; return how many managers it changes."""
    named = {each.code: each for each in listed}
    known = office.book.managers()
    changed = [
        each for code, each in named.items() if code not in known or known[code].listed != each
    ]
    gone = [code for code, each in known.items() if code not in named and each.listed is not None]
    for each in changed:
        office.book.say(each)
    for code in gone:
        office.book.say(ManagerUnlisted(code))
    return len(changed) + len(gone)


def as_text(at: datetime.datetime) -> str:
    """Return a moment as text that sorts as moments do."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
