"""In which states a task takes a command, and from whom: one table, read by `decide`."""

from typing import NamedTuple

from domain.retention.commands import (
    Accept,
    AttachEvidence,
    Claim,
    ClearSupport,
    Close,
    Decline,
    LogContact,
    Note,
    Offer,
    Place,
    Reassign,
    Reopen,
    Snooze,
    TaskCommand,
    TimeOut,
    Wake,
)
from domain.retention.refusals import NotAllowed, NotYours, Refusal, StaleVersion, WrongState
from domain.retention.task import HELD_STATES, OPEN_STATES, RetentionTask, TaskState
from events.task_values import ActorRole

QUEUED, OFFERED, WORKING, SNOOZED, CLOSED = TaskState
MANAGER, LEAD, DESK = ActorRole


class Permission(NamedTuple):
    """States that take a command, roles that may give it, and whether a manager must hold the task."""

    states: tuple[TaskState, ...]
    roles: tuple[ActorRole, ...]
    own: bool = False


PERMISSIONS: dict[type[TaskCommand], Permission] = {
    Accept: Permission((OFFERED,), (MANAGER,), own=True),
    Claim: Permission((QUEUED,), (MANAGER,)),
    Decline: Permission((OFFERED,), (MANAGER,), own=True),
    LogContact: Permission(HELD_STATES, (MANAGER,), own=True),
    Note: Permission(OPEN_STATES, (MANAGER, LEAD)),
    Snooze: Permission((WORKING,), (MANAGER,), own=True),
    Wake: Permission((SNOOZED,), (MANAGER, LEAD, DESK), own=True),
    Reassign: Permission(OPEN_STATES, (LEAD,)),
    Close: Permission(OPEN_STATES, (MANAGER, LEAD, DESK), own=True),
    Reopen: Permission((CLOSED,), (MANAGER, LEAD), own=True),
    AttachEvidence: Permission(OPEN_STATES, (DESK,)),
    ClearSupport: Permission(OPEN_STATES, (DESK,)),
    Offer: Permission((QUEUED,), (DESK,)),
    TimeOut: Permission((OFFERED,), (DESK,)),
    Place: Permission(OPEN_STATES, (DESK,)),
}


def refused(task: RetentionTask, command: TaskCommand) -> Refusal | None:
    """Return why a command may not be given at all; None where it may."""
    about, permission = command.about, PERMISSIONS[type(command)]
    if about.expected_version not in {None, task.version}:
        return StaleVersion(task)
    if about.actor.role not in permission.roles:
        return NotAllowed(about.actor.role, permission.roles)
    states = _states(command, permission)
    if task.state not in states:
        return WrongState(task.state, states)
    if permission.own and about.actor.role is MANAGER and not _own(task, command):
        return NotYours(task.manager)
    return None


def _states(command: TaskCommand, permission: Permission) -> tuple[TaskState, ...]:
    """Return the states for whoever asks: a manager closes only what it took."""
    if isinstance(command, Close) and command.about.actor.role is MANAGER:
        return HELD_STATES
    return permission.states


def _own(task: RetentionTask, command: TaskCommand) -> bool:
    """Tell whether the task is the acting manager's; a closed one that nobody had is anybody's."""
    if isinstance(command, Reopen) and task.manager is None:
        return True
    return task.manager == command.about.actor.code
