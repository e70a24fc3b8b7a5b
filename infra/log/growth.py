"""Tells several who follow a log of this process that it has grown, each for itself."""

import asyncio
from contextlib import suppress


class Follower:
    """Waits for a log to grow. What grew while nobody waited is not missed."""

    def __init__(self) -> None:
        self._grown = asyncio.Event()

    async def wait_for_more(self, seconds: float | None = None) -> None:
        """Return once something was written, or `wake` called, since this returned; or after a time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), seconds)
        self._grown.clear()

    def wake(self) -> None:
        """Let `wait_for_more` return."""
        self._grown.set()


class Growth:
    """Who follows a log."""

    def __init__(self) -> None:
        self._followers: list[Follower] = []

    def follower(self) -> Follower:
        """Return another who follows, for as long as the log is open."""
        made = Follower()
        self._followers.append(made)
        return made

    def tell(self) -> None:
        """Say that something was written."""
        for follower in self._followers:
            follower.wake()
