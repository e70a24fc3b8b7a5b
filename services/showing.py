"""The console of embedded mode: its inbox follows the tasks of the engine's own desk."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from fastapi import FastAPI

from events.catalogue import TASKS
from events.values import CustomerId
from infra.desk.reading import DeskReader
from infra.desk.sqlite import SqliteDeskFile
from infra.inbox.sqlite import sqlite_inbox
from services.console.app import console_app
from services.console.looking import Looking
from services.console.tasks.follower import Follower, LogTasks
from services.console.tasks.parts import TaskParts
from services.embedded import Engine
from services.ops.nearest import names_of

DESK = "desk"
SECONDS_TO_WAIT = 1.0


class TaskHealth:
    """Why pages of tasks may be out of date: the desk stands still, or the inbox does."""

    def __init__(self, engine: Engine, follower: Follower) -> None:
        self._engine = engine
        self._follower = follower

    @property
    def failed(self) -> str | None:
        """The reason; None while both go on."""
        return self._engine.alerts.halted or self._follower.failed


class Shown(NamedTuple):
    """The console, and what keeps its inbox up with the tasks, to be run beside it."""

    app: FastAPI
    follow: Callable[[], Coroutine[object, object, None]]


@asynccontextmanager
async def open_console(engine: Engine, closing: Callable[[], bool]) -> AsyncIterator[Shown]:
    """Open the console with its inbox.

    Raises `StoreError` where ``console.db`` or ``desk.db`` cannot be used.
    """
    async with AsyncExitStack() as opened:
        inbox = await asyncio.to_thread(sqlite_inbox, engine.folder.console)
        opened.push_async_callback(inbox.close)
        desk_file = await asyncio.to_thread(SqliteDeskFile, engine.folder.desk)
        opened.callback(desk_file.close)
        reader = DeskReader(desk_file)
        opened.callback(reader.close)
        looking = Looking(engine.folder, engine.wall)
        grown = engine.log.follower()
        feed = LogTasks(
            partial(engine.log.read_outputs, TASKS, DESK, 0),
            partial(grown.wait_for_more, SECONDS_TO_WAIT),
        )

        async def labels(customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, str]:
            return (await looking.ask(lambda one: names_of(one.archive, customer_ids))).found

        follower = Follower(inbox, feed, labels)
        health = TaskHealth(engine, follower)
        parts = TaskParts(inbox, engine.alerts.desk, reader, health)
        app = console_app(looking, closing, parts)
        yield Shown(app, follower.run)
