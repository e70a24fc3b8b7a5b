"""Publishes what happened at the desk on ``crm.tasks``: in its order, each under its own sequence."""

from collections.abc import Sequence
from typing import Protocol

from eventsourcing.persistence import Notification

from events.catalogue import TASKS
from events.desk import PUBLISHED_NAMES
from events.marks import Emission
from infra.desk import tables
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskQueries, DeskStore, Statement
from infra.log.records import Output

DESK = "desk"
"""Under this name the desk publishes, as projections do under theirs."""

RELAY = "relay"
EVENTS_A_BATCH = 500


class TaskPublisher(Protocol):
    """Publishes on ``crm.tasks``."""

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Return when the outputs stand durably; a sequence that stands already is left alone."""
        ...


class Relay:
    """Brings the notification log to the topic; its position stands in the desk's own store.

    The position is written after the events stand: broken off in between, the same events are
    published again under the same sequences, which changes nothing.
    """

    def __init__(self, desk: TaskDesk, publisher: TaskPublisher) -> None:
        self._desk = desk
        self._publisher = publisher

    async def advance(self) -> int:
        """Publish what is next; return how many events that was, 0 where everything is published."""
        found = await self._desk.run(_next)
        if not found:
            return 0
        await self._publisher.publish(DESK, 0, [_output(each) for each in found])
        last = found[-1].id
        await self._desk.run(lambda store: keep_place(store, RELAY, last))
        return len(found)


def place_of(store: DeskQueries, name: str) -> int:
    """Return how far somebody is in the notification log, 0 at its beginning."""
    rows = store.fetch("SELECT value FROM desk_about WHERE name = ?", (name,))
    return int(str(rows[0][0])) if rows else 0


def keep_place(store: DeskStore, name: str, place: int) -> None:
    """Keep how far somebody is in the notification log."""
    store.append((), (Statement(tables.PUT_ABOUT, [(name, str(place))]),), None)


def _next(store: DeskStore) -> list[Notification]:
    return store.notifications(place_of(store, RELAY), EVENTS_A_BATCH, PUBLISHED_NAMES)


def _output(notification: Notification) -> Output:
    return Output(
        topic=TASKS,
        sequence=notification.id,
        type=notification.topic,
        customer_id=None,
        day=None,
        emission=Emission.LIVE,
        data=notification.state,
    )
