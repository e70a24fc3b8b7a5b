"""What open pages are told as it happens, by server-sent events: how fresh everything is."""

import asyncio
from collections.abc import AsyncIterator, Callable

import structlog
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from infra.mendable import MendableError
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.pulse import Pulse
from services.console.reader import Reader

SECONDS_BETWEEN_LOOKS = 1.0

logger = structlog.get_logger()


class Live:
    """Looks once a second for as long as anybody listens, however many those are."""

    def __init__(self, looking: Looking, closing: Callable[[], bool]) -> None:
        self._looking = looking
        self._closing = closing
        self._listeners = 0
        self._watching: asyncio.Task[None] | None = None
        self._pulse: Pulse | None = None
        self._looked = asyncio.Condition()

    async def pulses(self) -> AsyncIterator[Pulse | None]:
        """Iterate over how fresh everything is, after each look; None where nothing can be read."""
        self._listeners += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            while not self._closing():
                async with self._looked:
                    await self._looked.wait()
                yield self._pulse
        finally:
            self._listeners -= 1

    async def _watch(self) -> None:
        while self._listeners and not self._closing():
            try:
                self._pulse = await self._looking.pulse()
            except MendableError as error:
                if self._pulse is not None:
                    logger.warning("open pages cannot be told anything", reason=str(error))
                self._pulse = None
            async with self._looked:
                self._looked.notify_all()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        self._watching = None
        async with self._looked:
            self._looked.notify_all()


def live_router(live: Live, pages: Pages) -> APIRouter:
    """Return the route that open pages listen to."""
    router = APIRouter(include_in_schema=False)

    @router.get("/live")
    async def listen(request: Request) -> StreamingResponse:
        told = events(live, pages, Reader.of(request))
        return StreamingResponse(told, media_type="text/event-stream")

    return router


async def events(live: Live, pages: Pages, reader: Reader) -> AsyncIterator[str]:
    """Say what changed; between changes a comment keeps the connection open."""
    said: str | None = None
    async for pulse in live.pulses():
        saying = pages.pulse(reader, pulse)
        if saying == said:
            yield ": still so\n\n"
            continue
        said = saying
        at = "" if pulse is None else f"id: {pulse.standing.position}\n"
        yield f"{at}event: pulse\ndata: {saying}\n\n"
