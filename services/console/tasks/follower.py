"""Keeps the inbox up with ``crm.tasks``, and remembers whether it does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from events.catalogue import REGISTRY
from events.tasks import TaskEvent, TaskRaised
from events.values import CustomerId
from infra.inbox.port import Inbox
from infra.log.records import OutputRecord
from infra.mendable import MendableError

RECORDS_AT_ONCE = 500
SECONDS_TO_RECOVER = 1.0

logger = structlog.get_logger()

Labels = Callable[[Sequence[CustomerId]], Awaitable[Mapping[CustomerId, str]]]
"""Tells what customers are called."""


class TaskFeed(Protocol):
    """Reads ``crm.tasks``."""

    async def read(self, positions: Mapping[int, int], limit: int) -> Sequence[OutputRecord]:
        """Return records behind these sequences of partitions; of one partition in order."""
        ...

    async def more(self) -> None:
        """Return once there may be more, at latest after a moment."""
        ...


class Follower:
    """Takes in what comes, in order; what fails is tried again, and said."""

    def __init__(self, inbox: Inbox, feed: TaskFeed, labels: Labels) -> None:
        self.failed: str | None = None
        self._inbox = inbox
        self._feed = feed
        self._labels = labels

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                taken = await self.catch_up()
            except MendableError as error:
                if self.failed is None:
                    logger.warning("the inbox stands still", reason=str(error))
                self.failed = str(error)
                await asyncio.sleep(SECONDS_TO_RECOVER)
                continue
            self.failed = None
            if not taken:
                await self._feed.more()

    async def catch_up(self) -> int:
        """Take in one piece; return how many records it had."""
        records = await self._feed.read(await self._inbox.positions(), RECORDS_AT_ONCE)
        if not records:
            return 0
        decoded = (REGISTRY.decode(record.type, record.data) for record in records)
        events = [event for event in decoded if isinstance(event, TaskEvent)]
        raised = [one.evidence.customer_id for one in events if isinstance(one, TaskRaised)]
        labels = await self._labels(raised) if raised else {}
        positions = {record.partition: record.sequence for record in records}
        await self._inbox.apply(events, positions, labels)
        return len(records)


class LogTasks:
    """`TaskFeed` out of a log that this process has open."""

    def __init__(
        self,
        read: Callable[[int, int], Awaitable[Sequence[OutputRecord]]],
        more: Callable[[], Awaitable[None]],
    ) -> None:
        """``read`` takes a sequence and a limit."""
        self._read = read
        self._more = more

    async def read(self, positions: Mapping[int, int], limit: int) -> Sequence[OutputRecord]:
        """Return records behind the sequence of the only partition."""
        return await self._read(positions.get(0, -1), limit)

    async def more(self) -> None:
        """Return once there may be more."""
        await self._more()
