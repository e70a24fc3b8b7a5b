"""What can be done with a task, by name, and when a page offers it."""

from enum import StrEnum

from domain.retention.commands import (
    Accept,
    Claim,
    Close,
    Decline,
    LogContact,
    Note,
    PeoplesCommand,
    Reassign,
    Reopen,
    Snooze,
    Wake,
)
from domain.retention.permissions import PERMISSIONS
from domain.retention.task import HELD_STATES, RetentionTask
from events.task_values import ActorRole
from services.console.tasks.acting import Acting


class Verb(StrEnum):
    """A command as addresses and keys name it."""

    ACCEPT = "accept"
    CLAIM = "claim"
    DECLINE = "decline"
    CONTACT = "contact"
    NOTE = "note"
    SNOOZE = "snooze"
    WAKE = "wake"
    REASSIGN = "reassign"
    CLOSE = "close"
    REOPEN = "reopen"


COMMANDS: dict[Verb, type[PeoplesCommand]] = {
    Verb.ACCEPT: Accept,
    Verb.CLAIM: Claim,
    Verb.DECLINE: Decline,
    Verb.CONTACT: LogContact,
    Verb.NOTE: Note,
    Verb.SNOOZE: Snooze,
    Verb.WAKE: Wake,
    Verb.REASSIGN: Reassign,
    Verb.CLOSE: Close,
    Verb.REOPEN: Reopen,
}
AT_ONCE = frozenset({Verb.ACCEPT, Verb.CLAIM, Verb.WAKE, Verb.REOPEN})
"""Nothing is asked before these are done."""


def offered_verbs(task: RetentionTask, acting: Acting | None) -> tuple[Verb, ...]:
    """Return what a page offers to somebody; the desk decides on it all the same."""
    if acting is None:
        return ()
    return tuple(verb for verb, command in COMMANDS.items() if _may(task, acting, command))


def first_verb(task: RetentionTask, acting: Acting | None) -> Verb | None:
    """Return the one thing to do next with a task."""
    may = offered_verbs(task, acting)
    order = (Verb.ACCEPT, Verb.CLAIM, Verb.WAKE, Verb.CONTACT, Verb.REASSIGN, Verb.REOPEN)
    if Verb.CLOSE in may and task.contacts:
        return Verb.CLOSE
    return next((verb for verb in order if verb in may), None)


def _may(task: RetentionTask, acting: Acting, command: type[PeoplesCommand]) -> bool:
    permission, actor = PERMISSIONS[command], acting.actor(command)
    states = permission.states
    if command is Close and actor.role is ActorRole.MANAGER:
        states = HELD_STATES
    if task.state not in states or actor.role not in permission.roles:
        return False
    if not permission.own or actor.role is ActorRole.LEAD:
        return True
    return task.manager == acting.code or (command is Reopen and task.manager is None)
