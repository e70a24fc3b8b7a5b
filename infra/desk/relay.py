"""Publishes what happened at the desk on ``crm.tasks``: in its order, each under its own sequence."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from eventsourcing.persistence import Notification

from events.catalogue import TASKS
from events.desk import PUBLISHED_NAMES, STORED
from events.judgements import SignalJudged
from events.marks import Emission
from events.tasks import TaskEvent
from infra.desk import tables
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskQueries, DeskStore, Statement
from infra.log.partitioning import partition_of_account
from infra.log.records import Output

DESK = "desk"
"""Under this name the desk publishes, as projections do under theirs."""

RELAY = "relay"
EVENTS_A_BATCH = 500


class TaskPublisher(Protocol):
    """Publishes on ``crm.tasks``."""

    partitions: int

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Return when the outputs stand durably; a sequence that stands already is left alone."""
        ...


class Relay:
    """Brings the notification log to the topic; its position stands in the desk's own store.

    What happened to an account stands in one partition, in the order in which it happened. The
    position is written after the events stand: broken off in between, the same events are published
    again under the same sequences, which changes nothing; nor does it where two relay at once, for
    each begins behind what stands and leaves nothing out.
    """

    def __init__(self, desk: TaskDesk, publisher: TaskPublisher) -> None:
        self._desk = desk
        self._publisher = publisher

    async def advance(self) -> int:
        """Publish what is next; return how many events that was, 0 where everything is published."""
        found = await self._desk.run(_next)
        if found:
            await self._publish(found)
        return len(found)

    async def _publish(self, found: Sequence[Notification]) -> None:
        parted: defaultdict[int, list[Output]] = defaultdict(list)
        for output in map(_output, found):
            account = str(output.account)
            parted[partition_of_account(account, self._publisher.partitions)].append(output)
        publishing = [
            self._publisher.publish(DESK, partition, outputs)
            for partition, outputs in parted.items()
        ]
        for came_of_it in await asyncio.gather(*publishing, return_exceptions=True):
            if came_of_it is not None:
                raise came_of_it
        last = found[-1].id
        await self._desk.run(lambda store: keep_place(store, RELAY, last))


def unpublished(queries: DeskQueries) -> int:
    """Return how many events are not on the topic yet."""
    marks, number = ",".join("?" * len(PUBLISHED_NAMES)), queries.event_id
    sql = f"SELECT count(*) FROM stored_events WHERE {number} > ? AND topic IN ({marks})"
    ((found,),) = queries.fetch(sql, (place_of(queries, RELAY), *PUBLISHED_NAMES))
    return int(found or 0)


def place_of(store: DeskQueries, name: str) -> int:
    """Return how far somebody is in the notification log, 0 at its beginning."""
    rows = store.fetch("SELECT value FROM desk_about WHERE name = ?", (name,))
    return int(str(rows[0][0])) if rows else 0


def keep_place(store: DeskStore, name: str, place: int) -> None:
    """Keep how far somebody is in the notification log; one that is further already stands."""
    store.append((), (Statement(tables.PUT_PLACE, [(name, str(place))]),), None)


def _next(store: DeskStore) -> list[Notification]:
    return store.notifications(place_of(store, RELAY), EVENTS_A_BATCH, PUBLISHED_NAMES)


def account_of(name: str, data: bytes) -> str:
    """Return the account that a published event is about."""
    event = STORED.decode(name, data)
    if isinstance(event, SignalJudged):
        return event.account
    if isinstance(event, TaskEvent):
        return event.task.account
    raise TypeError(f"{name} is of no account")


def _output(notification: Notification) -> Output:
    return Output(
        topic=TASKS,
        sequence=notification.id,
        type=notification.topic,
        customer_id=None,
        day=None,
        emission=Emission.LIVE,
        data=notification.state,
        account=account_of(notification.topic, notification.state),
    )
