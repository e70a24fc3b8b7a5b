"""Carries out what people ask for: the task's own decision, and what follows for managers and accounts."""

import msgspec

from domain.retention.account import reopen_episode
from domain.retention.commands import PeoplesCommand, Reassign
from domain.retention.decide import decide
from domain.retention.manager import take
from domain.retention.refusals import (
    AlreadyOpen,
    KeyUsedBefore,
    NotAllowed,
    Refusal,
    UnknownManager,
    UnknownTask,
)
from domain.retention.task import RetentionTask, TaskState, evolve
from events import codec
from events.desk import TaskTaken
from events.task_values import ActorRole, SupportEnded
from events.tasks import (
    TaskClaimed,
    TaskClosed,
    TaskDeclined,
    TaskEvent,
    TaskReassigned,
    TaskReopened,
)
from infra.desk import tables
from infra.desk.office import Office
from infra.desk.port import Done, blob

_ANSWER = msgspec.msgpack.Decoder(RetentionTask)


def carry_out(office: Office, command: PeoplesCommand) -> Done | Refusal:
    """Do what somebody asks for, or say why not. What was done stands once the book is written."""
    about = command.about
    if about.key:
        before = _done_before(office, command)
        if before is not None:
            return before
    task = office.book.task(about.task_id)
    if task is None:
        return UnknownTask(about.task_id)
    refused = _stranger(office, command)
    event = refused or decide(task, _completed(office, command))
    if not isinstance(event, TaskEvent):
        return event
    refused = _follow(office, task, event)
    if refused is not None:
        return refused
    done = Done(office.book.open_task(task.task_id))
    if about.key:
        answer = msgspec.msgpack.encode(done.task)
        office.book.put(tables.PUT_COMMAND, (about.key, _digest(command), answer))
    return done


def _stranger(office: Office, command: PeoplesCommand) -> Refusal | None:
    """Refuse who the managers' file does not name, or does not name a lead."""
    actor = command.about.actor
    listed = office.book.manager(actor.code).listed
    if listed is None:
        return UnknownManager(actor.code)
    if actor.role is ActorRole.LEAD and not listed.lead:
        return NotAllowed(ActorRole.MANAGER, (ActorRole.LEAD,))
    return None


def _completed(office: Office, command: PeoplesCommand) -> PeoplesCommand:
    """Say until when a task is offered that is given to another manager."""
    if isinstance(command, Reassign) and command.until is None:
        hours = office.rules.policy.offer_hours
        until = office.rules.clock.after(office.now.at, hours)
        return msgspec.structs.replace(command, until=until)
    return command


def _follow(office: Office, task: RetentionTask, event: TaskEvent) -> Refusal | None:
    """Say the event, and keep managers and accounts in line with it."""
    match event:
        case TaskClaimed(manager=manager):
            refused = _take(office, task, manager)
        case TaskReassigned(manager=manager):
            office.release(task)
            refused = _take(office, task, manager)
        case TaskDeclined():
            office.release(task)
            refused = None
        case TaskClosed(outcome=outcome):
            office.after_closing(task, outcome)
            refused = None
        case TaskReopened(manager=reopened_by):
            refused = _reopen(office, task, reopened_by)
        case _:
            refused = None
    if refused is None:
        office.book.say(event)
    if isinstance(event, TaskReopened) and refused is None:
        _clear_what_cleared_meanwhile(office, evolve(task, event))
    return refused


def _take(office: Office, task: RetentionTask, manager: str) -> Refusal | None:
    taken = take(office.book.manager(manager), task.task_id, office.now.day)
    match taken:
        case TaskTaken():
            office.book.say(taken)
            return None
        case _:
            return taken


def _reopen(office: Office, task: RetentionTask, manager: str | None) -> Refusal | None:
    reopened = reopen_episode(office.book.account(task.account), task.reason, task.task_id)
    if isinstance(reopened, AlreadyOpen):
        return reopened
    refused = None if manager is None else _take(office, task, manager)
    if refused is None:
        office.book.say(reopened)
    return refused


def _clear_what_cleared_meanwhile(office: Office, task: RetentionTask) -> None:
    """Take away who stood behind a task when it was closed, and does so no longer."""
    still = office.book.account(task.account).reasons[task.reason].standing
    for entry in task.standing:
        if (entry.customer_id, entry.service) not in still and task.state is not TaskState.CLOSED:
            task = office.clear(task, entry.customer_id, entry.service, SupportEnded.RECOVERED)


def _done_before(office: Office, command: PeoplesCommand) -> Done | Refusal | None:
    key = command.about.key
    query = "SELECT digest, answer FROM desk_commands WHERE name = ?"
    rows = office.book.fetch(query, key)
    if not rows:
        return None
    digest, answer = rows[0]
    if blob(digest) != _digest(command):
        return KeyUsedBefore(key)
    return Done(_ANSWER.decode(blob(answer)))


def _digest(command: PeoplesCommand) -> bytes:
    """Return what tells a command from others; when it came does not."""
    said = msgspec.to_builtins(command)
    del said["about"]["now"]
    return codec.digest(msgspec.json.encode(said, order="deterministic"))
