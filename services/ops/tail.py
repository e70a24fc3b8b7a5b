"""The newest records of a topic, and those that are written while one looks on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, OUTPUT_TOPICS, TASKS
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.log.partitioning import partition_of
from infra.mendable import MendableError
from services.ops.tail_records import (
    TailRecord,
    of_control,
    of_dead_letter,
    of_fact,
    of_output,
)

TOPICS = (FACTS, CONTROL, *OUTPUT_TOPICS, DEAD_LETTERS)
_OF_NO_CUSTOMER = (CONTROL, DEAD_LETTERS, TASKS)
_WINDOW = 200


class UnknownTopicError(MendableError, LookupError):
    """There is no such topic in the log."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"there is no topic {topic!r}; there are {', '.join(TOPICS)}")


class TopicWithoutCustomersError(MendableError, LookupError):
    """Records of this topic belong to no customer, so that none can be chosen by one."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"records of {topic} belong to no customer; leave --customer out")


def check_topic(topic: str, customer_id: CustomerId | None) -> None:
    """Raise `UnknownTopicError` or `TopicWithoutCustomersError` where there is nothing to ask for."""
    if topic not in TOPICS:
        raise UnknownTopicError(topic)
    if topic in _OF_NO_CUSTOMER and customer_id is not None:
        raise TopicWithoutCustomersError(topic)


async def tail(
    archive: FactArchive, topic: str, customer_id: CustomerId | None, last: int
) -> list[TailRecord]:
    """Return the last so many records of a topic, of one customer or of all, oldest first.

    Raises:
        UnknownTopicError, TopicWithoutCustomersError: see `check_topic`.
    """
    check_topic(topic, customer_id)
    if last <= 0:
        return []
    if topic == FACTS:
        return await _newest_facts(archive, customer_id, last)
    if topic == CONTROL:
        return [of_control(record) for record in (await archive.control())[-last:]]
    if topic == DEAD_LETTERS:
        return [of_dead_letter(letter) for letter in reversed(await archive.dead_letters(last))]
    return [of_output(record) for record in await archive.newest_outputs(topic, last, customer_id)]


async def _newest_facts(
    archive: FactArchive, customer_id: CustomerId | None, last: int
) -> list[TailRecord]:
    """Return the last facts over all partitions, as the log took them in."""
    if archive.partitions == 1:
        return [of_fact(record) for record in await archive.newest_facts(0, last, customer_id)]
    partitions = (
        range(archive.partitions)
        if customer_id is None
        else (partition_of(customer_id, archive.partitions),)
    )
    placed = [
        (record.appended, partition, record)
        for partition in partitions
        for record in await archive.newest_facts(partition, last, customer_id)
    ]
    placed.sort(key=lambda entry: (entry[0], entry[1], entry[2].offset))
    return [of_fact(record, partition) for _, partition, record in placed[-last:]]


async def follow(
    open_archive: Callable[[], AbstractAsyncContextManager[FactArchive]],
    wait: Callable[[], Awaitable[None]],
    topic: str,
    customer_id: CustomerId | None,
    last: int,
) -> AsyncIterator[TailRecord]:
    """Yield the last records of a topic, then each new one, for as long as it is iterated.

    Looks again, at a fresh snapshot, whenever ``wait`` returns; it remembers only the names of the
    newest records it saw, and looks further back until it meets one of them.
    """
    async with open_archive() as archive:
        window = await tail(archive, topic, customer_id, max(last, _WINDOW))
    for record in window[len(window) - min(last, len(window)) :]:
        yield record
    while True:
        seen = {_name(record) for record in window}
        await wait()
        async with open_archive() as archive:
            window = await _back_to(archive, topic, customer_id, seen)
        for record in window:
            if _name(record) not in seen:
                yield record


async def _back_to(
    archive: FactArchive, topic: str, customer_id: CustomerId | None, seen: set[tuple[str, str]]
) -> list[TailRecord]:
    """Return the newest records, as many as it takes to meet one that was seen."""
    size = _WINDOW
    while True:
        window = await tail(archive, topic, customer_id, size)
        if len(window) < size or any(_name(record) in seen for record in window):
            return window
        size *= 2


def _name(record: TailRecord) -> tuple[str, str]:
    return record.source, record.id
