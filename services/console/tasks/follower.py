"""Keeps the inbox up with ``crm.tasks``, and remembers whether it does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec
import structlog

from events.catalogue import REGISTRY
from events.registry import UnknownEventTypeError
from events.tasks import TaskEvent, TaskRaised
from events.values import CustomerId
from infra.inbox.port import Inbox, InboxMovedError, TasksRead, Way
from infra.log.records import OutputRecord
from infra.mendable import MendableError

RECORDS_AT_ONCE = 500
SECONDS_TO_RECOVER = 1.0

logger = structlog.get_logger()

Labels = Callable[[Sequence[CustomerId]], Awaitable[Mapping[CustomerId, str]]]
"""Tells what customers are called."""


class TaskFeed(Protocol):
    """Reads ``crm.tasks``. What a position is, a sequence or an offset, is its own affair."""

    async def read(self, positions: Mapping[int, int], limit: int) -> TasksRead:
        """Return what stands behind these positions of partitions."""
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
        since = await self._inbox.positions()
        read = await self._feed.read(since, RECORDS_AT_ONCE)
        if not read.to:
            return await self._name()
        events = [event for event in map(_decoded, read.records) if isinstance(event, TaskEvent)]
        raised = [one.evidence.customer_id for one in events if isinstance(one, TaskRaised)]
        labels = await self._labels(raised) if raised else {}
        with suppress(InboxMovedError):  # another console took the same in
            await self._inbox.apply(events, Way(since, read.to), labels)
        return len(read.to)

    async def _name(self) -> int:
        """Give names to rows whose customer was not archived yet; return how many."""
        nameless = await self._inbox.nameless(RECORDS_AT_ONCE)
        if not nameless:
            return 0
        labels = await self._labels([row.task.customers[0] for row in nameless])
        named = {
            row.task.task_id: labels[row.task.customers[0]]
            for row in nameless
            if row.task.customers[0] in labels
        }
        if named:
            await self._inbox.name(named)
        return len(named)


class TaskUnreadableError(MendableError):
    """A record of the topic is none that this release knows."""


def _decoded(record: OutputRecord) -> msgspec.Struct:
    try:
        return REGISTRY.decode(record.type, record.data)
    except (msgspec.MsgspecError, UnknownEventTypeError) as error:
        raise TaskUnreadableError(
            f"a record of crm.tasks cannot be read (sequence {record.sequence}, {record.type}:"
            f" {error}); start a release that knows it"
        ) from error


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

    async def read(self, positions: Mapping[int, int], limit: int) -> TasksRead:
        """Return records behind the sequence of the only partition."""
        records = await self._read(positions.get(0, -1), limit)
        return TasksRead(records, {0: records[-1].sequence} if records else {})

    async def more(self) -> None:
        """Return once there may be more."""
        await self._more()
