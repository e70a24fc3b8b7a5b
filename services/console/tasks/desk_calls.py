"""Giving the desk a command, and keeping what came of it where pages read it at once."""

import re
from typing import NamedTuple

import structlog

from domain.retention.commands import About, PeoplesCommand
from domain.retention.refusals import Refusal, StaleVersion, UnknownTask
from domain.retention.task import RetentionTask
from events.task_values import Actor, TaskId
from infra.desk.port import Done
from infra.inbox.port import InboxRow
from infra.mendable import MendableError
from services.console.tasks.forms import Fields, Unreadable, command_of
from services.console.tasks.parts import TaskParts
from services.console.tasks.verbs import Verb

logger = structlog.get_logger()
_TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Asked(NamedTuple):
    """What somebody asks for: which task, on which version (None: whatever it is), under which key."""

    task_id: TaskId
    verb: Verb
    version: int | None
    key: str


async def carry_out(
    parts: TaskParts, asked: Asked, actor: Actor, fields: Fields
) -> Done | Refusal | Unreadable:
    """Give the command. What the desk says of the task goes into the inbox before this returns.

    So no page that is loaded afterwards shows an older version, however late the topic is.
    """
    if _TASK_ID.fullmatch(asked.task_id) is None:
        return UnknownTask(asked.task_id)
    now = await parts.commands.now()
    about = About(asked.task_id, actor, now, asked.version, asked.key)
    command = command_of(asked.verb, about, fields)
    if isinstance(command, Unreadable):
        return command
    return await give(parts, command)


async def give(parts: TaskParts, command: PeoplesCommand) -> Done | Refusal:
    """Give a command to the desk, and keep the task as it says that it is.

    What is done is done: where the inbox cannot be written, its topic brings the row later.
    """
    answer = await parts.commands.execute(command)
    if isinstance(answer, Done | StaleVersion):
        try:
            await parts.inbox.put(answer.task)
        except MendableError as error:
            logger.warning("a row was not kept at once", reason=str(error))
    return answer


async def row_of(parts: TaskParts, task_id: TaskId) -> InboxRow | None:
    """Return a task as pages show it: from the inbox, else from the desk itself."""
    if _TASK_ID.fullmatch(task_id) is None:
        return None
    row = await parts.inbox.row(task_id)
    if row is not None:
        return row
    task: RetentionTask | None = await parts.reader.task(task_id)
    return None if task is None else InboxRow(task, task.account, 0, 0)
