"""Tells the log what became of tasks: each closing a fact, through the door, for each customer behind it."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
from eventsourcing.persistence import Notification

from domain.retention.task import RetentionTask, evolve
from events import codec
from events.catalogue import REGISTRY
from events.desk import STORED
from events.envelope import CloudEvent
from events.retention import RetentionClosed
from events.task_values import TaskId
from events.tasks import TaskClosed
from events.values import CustomerId, CustomerRef
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskStore
from infra.desk.reading import events_of
from infra.desk.relay import keep_place, place_of
from infra.mendable import MendableError

OUTCOMES = "outcomes"
SOURCE = "holdfast:desk"
CLOSED = "crm.task.closed.v1"
TASKS_A_BATCH = 100


class DoorShutError(MendableError):
    """The door does not let outcomes in now; they wait in front of it, and are told again."""


class OutcomeDoor(Protocol):
    """The door, and who customers are to their sources."""

    async def names(self, customers: Sequence[CustomerId]) -> dict[CustomerId, CustomerRef]:
        """Return how the source of each customer names it. Raises `DoorShutError`."""
        ...

    async def submit(self, events: Sequence[CloudEvent]) -> None:
        """Return once all of them stand durably.

        Raises `DoorShutError` with the reason where one does not; those that do, do.
        """
        ...


class Closing(NamedTuple):
    """A task as it was closed, and when."""

    task: RetentionTask
    at: datetime.datetime


class Outcomes:
    """Goes through the closings in their order; how far it is stands in the desk's store.

    The place is kept after the facts stand. Broken off in between they are submitted again under the
    same ids, which the door tells as duplicates.
    """

    def __init__(self, desk: TaskDesk, door: OutcomeDoor) -> None:
        self._desk = desk
        self._door = door

    async def advance(self) -> int:
        """Tell of the next closings; return how many. Raises `DoorShutError`."""
        found = await self._desk.run(_next)
        if found:
            await self._tell(found)
        return len(found)

    async def _tell(self, found: Sequence[Notification]) -> None:
        closings = await self._desk.run(lambda store: [_closing(store, each) for each in found])
        wanted = {customer for each in closings for customer in each.task.customers}
        names = await self._door.names(sorted(wanted))
        events = [event for each in closings for event in _facts(each, names)]
        await self._door.submit(events)
        last = found[-1].id
        await self._desk.run(lambda store: keep_place(store, OUTCOMES, last))


def _next(store: DeskStore) -> list[Notification]:
    return store.notifications(place_of(store, OUTCOMES), TASKS_A_BATCH, (CLOSED,))


def _closing(store: DeskStore, notification: Notification) -> Closing:
    """Fold a task up to its closing: it may have been reopened since."""
    closed = STORED.decode(notification.topic, notification.state)
    if not isinstance(closed, TaskClosed):
        raise TypeError(f"{notification.topic} closes no task")
    task: RetentionTask | None = None
    for event in events_of(store, TaskId(closed.task.task_id), closed.task.version):
        task = evolve(task, event)
    if task is None:
        raise LookupError(f"nothing happened to {closed.task.task_id}")
    return Closing(task, closed.task.at)


def _facts(closing: Closing, names: dict[CustomerId, CustomerRef]) -> list[CloudEvent]:
    task = closing.task
    if task.outcome is None:
        raise ValueError(f"{task.task_id} is not closed")
    found = []
    for customer_id in task.customers:
        fact = RetentionClosed(
            names[customer_id],
            task.task_id,
            task.reason,
            task.outcome,
            task.day,
            task.contacts,
            task.manager,
        )
        found.append(
            CloudEvent(
                specversion="1.0",
                id=f"{task.task_id}:{task.version}:{customer_id}",
                source=SOURCE,
                type=REGISTRY.name_of(fact),
                time=closing.at,
                data=msgspec.Raw(codec.encode(fact)),
            )
        )
    return found
