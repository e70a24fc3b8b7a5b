"""The partitions of one process: taken up as the group gives them, handed over as it takes them."""

import asyncio
from collections.abc import Iterable, Mapping

import structlog

from infra.ending import ended
from infra.stream.partition_worker import PartitionWorker, Workplace

SECONDS_TO_HAND_OVER = 15.0
"""Within the time that the group gives; what takes longer is broken off, and folded again elsewhere."""


logger = structlog.get_logger()


class PartitionWorkers:
    """A worker, and a task of it, for each partition that is this process's now.

    ``failed`` is done as soon as a worker failed unforeseen, with what it raised.
    """

    def __init__(self, place: Workplace, seconds: float = SECONDS_TO_HAND_OVER) -> None:
        self._place = place
        self._seconds = seconds
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._workers: dict[int, PartitionWorker] = {}
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def workers(self) -> Mapping[int, PartitionWorker]:
        """The worker of each partition."""
        return self._workers

    async def assigned(self, partitions: Iterable[int]) -> None:
        """Begin to work on these."""
        for number in partitions:
            worker = PartitionWorker(self._place, number)
            task = asyncio.create_task(worker.run(), name=f"partition {number}")
            task.add_done_callback(self._note_end)
            self._workers[number], self._tasks[number] = worker, task

    async def revoked(self, partitions: Iterable[int]) -> None:
        """Return once the commits of these that were under way are done, or broken off."""
        numbers = [number for number in partitions if number in self._tasks]
        for number in numbers:
            self._workers.pop(number).hand_over()
        tasks = {self._tasks.pop(number) for number in numbers}
        if not tasks:
            return
        _, slow = await asyncio.wait(tasks, timeout=self._seconds)
        for task in slow:
            logger.warning("a hand-over takes too long: it is broken off", task=task.get_name())
        await ended(*slow)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.failed.done():
            return
        error = task.exception()
        if error is not None:
            self.failed.set_exception(error)
