"""Drives a runner in embedded mode: whenever the log has grown, the runner advances."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from infra.stream.halting import HaltedError
from infra.stream.runner import PartitionRunner

RECORDS_WORTH_A_COMMIT = 500
"""Where fewer came at once, the next ones may gather for a moment."""

SECONDS_TO_GATHER = 0.02
"""A commit costs as much for one fact as for many, and the door works on the same cores."""


class GrowingLog(Protocol):
    """A log that tells when it was written to."""

    async def wait_for_more(self) -> None:
        """Return once something was written, or `wake` called, after the last call returned."""
        ...

    def wake(self) -> None:
        """Let `wait_for_more` return."""
        ...


AtEnd = Callable[[], Awaitable[bool]]
"""Does one piece of what waits for the end of the log; returns False where nothing is left to do.

Between two pieces the runner looks for more to fold, so that none of them holds it up for long.
"""


class EmbeddedDriver:
    """Feeds one runner from the log of the same process."""

    def __init__(self, log: GrowingLog, runner: PartitionRunner, at_end: AtEnd) -> None:
        self._log = log
        self._runner = runner
        self._at_end = at_end
        self._stopping = False
        self.halted: str | None = None

    async def run(self) -> None:
        """Follow the log until `stop`; never break off between fold and commit.

        Raises:
            HaltedError: the partition stands still; ``halted`` says why.
        """
        while not self._stopping:
            try:
                passed = await self._runner.advance()
            except HaltedError as error:
                self.halted = str(error)
                raise
            if not passed and not self._stopping:
                if await self._at_end():
                    continue
                await self._log.wait_for_more()
            if passed < RECORDS_WORTH_A_COMMIT and not self._stopping:
                await asyncio.sleep(SECONDS_TO_GATHER)

    async def catch_up(self, report: Callable[[int], None]) -> None:
        """Fold all that the log has, and what is written at its end; report offsets on the way.

        Raises `HaltedError` as `run` does.
        """
        while True:
            if await self._runner.advance():
                report(self._runner.position.offset)
            elif not await self._at_end():
                return

    def stop(self) -> None:
        """Let `run` return after the commit that is under way."""
        self._stopping = True
        self._log.wake()
