"""What open pages are told as it happens, by server-sent events: how fresh everything is, and tasks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, Protocol

import structlog
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from infra.mendable import MendableError
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.pulse import Pulse
from services.console.reader import Reader

SECONDS_BETWEEN_LOOKS = 1.0
TICKS_A_LOOK = 5
"""Tasks are asked for more often than how fresh everything is, as that opens a snapshot of the log."""

logger = structlog.get_logger()


class Glance(NamedTuple):
    """How fresh everything is, None where nothing can be read; and the inbox's tick."""

    pulse: Pulse | None
    tick: int


async def no_ticks() -> int:
    """Return the tick where there are no tasks."""
    return 0


class Live:
    """Looks for as long as anybody listens, however many those are."""

    def __init__(
        self,
        looking: Looking,
        closing: Callable[[], bool],
        tick: Callable[[], Awaitable[int]] = no_ticks,
    ) -> None:
        self._looking = looking
        self._closing = closing
        self._tick = tick
        self._listeners = 0
        self._watching: asyncio.Task[None] | None = None
        self._glance = Glance(None, 0)
        self._looked = asyncio.Condition()

    async def glances(self) -> AsyncIterator[Glance]:
        """Iterate over what is seen at each look."""
        self._listeners += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            while not self._closing():
                async with self._looked:
                    await self._looked.wait()
                yield self._glance
        finally:
            self._listeners -= 1

    async def _watch(self) -> None:
        looks = 0
        while self._listeners and not self._closing():
            if looks % TICKS_A_LOOK == 0:
                self._glance = self._glance._replace(pulse=await self._pulse())
            looks += 1
            self._glance = self._glance._replace(tick=await self._ticked())
            async with self._looked:
                self._looked.notify_all()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS / TICKS_A_LOOK)
        self._watching = None
        async with self._looked:
            self._looked.notify_all()

    async def _pulse(self) -> Pulse | None:
        try:
            return (await self._looking.glance()).pulse
        except MendableError as error:
            if self._glance.pulse is not None:
                logger.warning("open pages cannot be told anything", reason=str(error))
            return None

    async def _ticked(self) -> int:
        try:
            return await self._tick()
        except MendableError:
            return self._glance.tick


class Follows(Protocol):
    """Tells one open page of what else changed."""

    async def told(self, tick: int) -> list[str]:
        """Return the events for a page, given where the inbox is now."""
        ...


class FollowsNothing:
    """A page without tasks."""

    async def told(self, tick: int) -> list[str]:
        """Return no events."""
        return []


OpenFollows = Callable[[Request], Awaitable[Follows]]


async def follow_nothing(_request: Request) -> Follows:
    """Return what follows nothing."""
    return FollowsNothing()


def live_router(live: Live, pages: Pages, follows: OpenFollows = follow_nothing) -> APIRouter:
    """Return the route that open pages listen to."""
    router = APIRouter(include_in_schema=False)

    @router.get("/live")
    async def listen(request: Request) -> StreamingResponse:
        told = events(live, pages, Reader.of(request), await follows(request))
        return StreamingResponse(told, media_type="text/event-stream")

    return router


async def events(live: Live, pages: Pages, reader: Reader, follows: Follows) -> AsyncIterator[str]:
    """Say what changed; where nothing did, now and then a comment keeps the connection open."""
    said: str | None = None
    quiet = 0
    async for glance in live.glances():
        told = await follows.told(glance.tick)
        saying = pages.pulse(reader, glance.pulse)
        if saying != said:
            said = saying
            told.append(event("pulse", saying, glance.tick))
        quiet = 0 if told else quiet + 1
        if told:
            yield "".join(told)
        elif quiet % TICKS_A_LOOK == 0:
            yield ": still so\n\n"


def event(name: str, data: str, tick: int) -> str:
    """Return a server-sent event; ``data`` stands on one line."""
    return f"id: {tick}\nevent: {name}\ndata: {data}\n\n"
