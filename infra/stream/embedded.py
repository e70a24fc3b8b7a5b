"""Drives a runner in embedded mode: whenever the log has grown, the runner advances."""

from typing import Protocol

from infra.stream.runner import HaltedError, PartitionRunner


class GrowingLog(Protocol):
    """A log that tells when it was written to."""

    async def wait_for_more(self) -> None:
        """Return once something was written, or `wake` called, after the last call returned."""
        ...

    def wake(self) -> None:
        """Let `wait_for_more` return."""
        ...


class EmbeddedDriver:
    """Feeds one runner from the log of the same process."""

    def __init__(self, log: GrowingLog, runner: PartitionRunner) -> None:
        self._log = log
        self._runner = runner
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
                await self._log.wait_for_more()

    def stop(self) -> None:
        """Let `run` return after the commit that is under way."""
        self._stopping = True
        self._log.wake()
