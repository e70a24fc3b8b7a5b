"""A console with tasks, served for a browser; the test reaches into its desk from outside."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from infra.clock import SystemClock
from infra.folder import DataFolder
from services.console.app import console_app
from services.console.looking import Looking
from services.door_server import DoorServer, listening
from tests.support.tasked import TaskWorld, task_world

T = TypeVar("T")
SECONDS = 30


class TaskSite:
    """Where it is served, and what stands behind it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.loop: asyncio.AbstractEventLoop | None = None
        self.world: TaskWorld | None = None

    def do(self, work: Callable[[TaskWorld], Awaitable[T]]) -> T:
        """Do something with the desk, in the thread of the server."""
        world, loop = self.world, self.loop
        assert world is not None
        assert loop is not None

        async def doing() -> T:
            return await work(world)

        return asyncio.run_coroutine_threadsafe(doing(), loop).result(SECONDS)


@contextmanager
def task_site(folder: DataFolder, path: Path) -> Iterator[TaskSite]:
    """Serve a folder's console with a desk of its own in ``path``, whose inbox follows it."""
    ready = threading.Event()
    with listening("127.0.0.1", 0) as listener:
        site = TaskSite(f"http://127.0.0.1:{listener.getsockname()[1]}")
        servers: list[DoorServer] = []

        async def serve() -> None:
            async with task_world(path) as world:

                def closing() -> bool:
                    return bool(servers and servers[0].should_exit)

                server = DoorServer(
                    console_app(Looking(folder, SystemClock()), closing, world.parts)
                )
                servers.append(server)
                site.world, site.loop = world, asyncio.get_running_loop()
                following = asyncio.create_task(world.follower.run())
                ready.set()
                await server.serve(sockets=[listener])
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert ready.wait(SECONDS)
        try:
            yield site
        finally:
            servers[0].should_exit = True
            thread.join(SECONDS)
            assert not thread.is_alive()
