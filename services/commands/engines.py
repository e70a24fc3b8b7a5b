"""Running work that writes to a log in a folder: in an engine of this process, or of the one that serves."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

from infra.clock import SystemClock
from infra.folder import DataFolder
from infra.sqlite.connection import StoreError
from services.embedded import Engine, open_engine
from services.new_log import NewLog
from services.remote import Remote, serving_process

T = TypeVar("T")


def in_engine(
    folder: DataFolder, new_log: NewLog | None, work: Callable[[Engine], Awaitable[T]]
) -> T:
    """Run work in an engine of this process, as `open_engine` does."""

    async def run() -> T:
        async with open_engine(folder, new_log, SystemClock()) as engine:
            return await work(engine)

    # uvloop answers about half as many requests more a second than asyncio's own loop
    return uvloop.run(run())


def on_existing_log(
    folder: DataFolder,
    remotely: Callable[[Remote], T],
    here: Callable[[Engine], Awaitable[T]],
) -> T:
    """Run work in the process that serves this folder, or else in an engine of this one.

    Raises:
        StoreError: there is no log; a clock alone does not say in which currency to make one.
        EmptyLogError: the log was never created.
    """
    with serving_process(folder) as remote:
        if remote is not None:
            return remotely(remote)
    if not folder.log.exists():
        raise StoreError(
            f"{folder.log} does not exist; `holdfast import` or `holdfast serve` makes it"
        )
    return in_engine(folder, None, here)
