"""A desk whose events come to an inbox as `crm.tasks` brings them, at once or late."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from events.desk import PUBLISHED_NAMES
from events.values import CustomerId
from infra.desk.port import DeskStore
from infra.inbox.port import TasksRead
from infra.inbox.sqlite import sqlite_inbox
from infra.log.records import OutputRecord
from services.console.tasks.follower import Follower
from services.console.tasks.parts import TaskParts
from tests.support.desks import DeskWorld, desk_world, in_sqlite

TOPIC = "crm.tasks"


def records(store: DeskStore, after: int, limit: int) -> list[OutputRecord]:
    """What a desk has said of tasks, as records of the topic."""
    return [
        OutputRecord(
            note.id, TOPIC, "desk", 0, note.id, note.topic, None, None, "live", 0, note.state
        )
        for note in store.notifications(max(after, 0), limit, PUBLISHED_NAMES)
    ]


class DeskFeed:
    """Tells what the desk said; with ``held`` nothing new, as a relay that is late."""

    def __init__(self, world: DeskWorld) -> None:
        self.held = False
        self._world = world

    async def read(self, positions: Mapping[int, int], limit: int) -> TasksRead:
        if self.held:
            return TasksRead([], {})
        after = positions.get(0, 0)
        found = await self._world.desk.run(lambda store: records(store, after, limit))
        return TasksRead(found, {0: found[-1].sequence} if found else {})

    async def more(self) -> None:
        await asyncio.sleep(0.02)


async def by_number(customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, str]:
    """Customers are called by the number that their ids end with."""
    return {each: f"shop:{int(each[-12:])}" for each in customer_ids}


class TaskWorld:
    """A desk, its inbox, and what pages of tasks are given."""

    def __init__(self, world: DeskWorld, path: Path) -> None:
        self.world = world
        self.inbox = sqlite_inbox(path / "console.db")
        self.feed = DeskFeed(world)
        self.follower = Follower(self.inbox, self.feed, by_number)
        self.parts = TaskParts(self.inbox, world.desk, world.reader, self.follower)

    async def catch_up(self) -> None:
        """Let the inbox take in everything."""
        while await self.follower.catch_up():
            pass


@asynccontextmanager
async def task_world(path: Path) -> AsyncIterator[TaskWorld]:
    """Open all of it in a folder."""
    async with desk_world(in_sqlite(path)) as world:
        made = TaskWorld(world, path)
        try:
            yield made
        finally:
            await made.inbox.close()
