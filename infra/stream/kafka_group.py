"""Membership in a consumer group: what the group gives and takes, and the lag that others see of it."""

from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

SECONDS_BETWEEN_COMMITS = 5.0

logger = structlog.get_logger()

Consumer = AIOKafkaConsumer


class PartitionRevokedError(Exception):
    """The group gave the partition to another member, or is about to."""


class Assignments(Protocol):
    """Who works on the partitions that the group gives this member."""

    async def assigned(self, partitions: Iterable[int]) -> None:
        """Begin to work on these; return at once."""
        ...

    async def revoked(self, partitions: Iterable[int]) -> None:
        """Return once nothing of these is under way any more, within the time that the group gives."""
        ...


class Rebalances(ConsumerRebalanceListener):
    """Passes on what the group decides. It takes everything away before it parts it anew."""

    def __init__(
        self,
        begin: Callable[[Iterable[TopicPartition]], None],
        end: Callable[[], list[int]],
        assignments: Assignments,
    ) -> None:
        """``begin`` and ``end`` are the feed's own; ``end`` returns what it had."""
        self._begin = begin
        self._end = end
        self._assignments = assignments

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Hand over whatever there is."""
        ended = self._end()
        if ended:
            logger.info("partitions are handed over", partitions=ended)
            await self._assignments.revoked(ended)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin with what was given."""
        partitions = sorted(place.partition for place in assigned)
        logger.info("partitions are taken over", partitions=partitions)
        self._begin(assigned)
        await self._assignments.assigned(partitions)


class GroupOffsets:
    """The group's offsets: written after the states, and only so that others see the lag."""

    def __init__(self, consumer: Consumer, topic: str) -> None:
        self._consumer = consumer
        self._topic = topic
        self._folded: dict[int, int] = {}
        self._written: dict[int, int] = {}
        self._next = 0.0

    def note(self, partition: int, offset: int) -> None:
        """Hear that everything up to an offset is folded and committed."""
        self._folded[partition] = offset

    async def write(self, partitions: Iterable[int], now: float) -> None:
        """Write down what moved, once in a while; what cannot be told now is told another time."""
        if now < self._next:
            return
        self._next = now + SECONDS_BETWEEN_COMMITS
        moved = {
            number: self._folded[number] + 1
            for number in partitions
            if self._folded.get(number, -1) + 1 > self._written.get(number, 0)
        }
        offsets = {TopicPartition(self._topic, number): next_ for number, next_ in moved.items()}
        if not offsets:
            return
        try:
            await self._consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as error:
            logger.debug("the group's offsets were not written", reason=repr(error))
        else:
            self._written |= moved
