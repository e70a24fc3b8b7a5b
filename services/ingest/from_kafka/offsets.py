"""Where reading ``crm.intake`` goes on; events that expired unread are refused, never jumped over."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from infra.kafka.connection import AiokafkaArguments
from infra.mendable import MendableError

ATTEMPTS = 30
SECONDS_BETWEEN_ATTEMPTS = 0.5


class IntakeUnreachableError(MendableError):
    """The brokers do not say where reading goes on."""


class EventsExpiredError(MendableError):
    """Events expired before they were read."""

    def __init__(self, topic: str, lost: Mapping[int, int]) -> None:
        listed = ", ".join(f"{number} of partition {at}" for at, number in sorted(lost.items()))
        super().__init__(
            f"{sum(lost.values())} events of {topic} expired before they were read ({listed}): have"
            " their senders send them again, then start once with HOLDFAST_INTAKE_ACCEPT_LOSS=true"
            " to go on behind them"
        )


async def check_nothing_expired(arguments: AiokafkaArguments, topic: str, group: str) -> None:
    """Return where every event that the group has not read is still there.

    Raises:
        EventsExpiredError: some are gone; the message says how many, and how to go on.
        IntakeUnreachableError: the brokers do not answer.
    """
    try:
        read = await _read_up_to(arguments, topic, group)
        begins = await _beginnings(arguments, list(read))
    except KafkaError as error:
        raise IntakeUnreachableError(
            f"{topic} cannot be looked at as group {group}: {error!r}; is it there, and may this"
            " user read it? `holdfast topics check` tells"
        ) from error
    lost = {
        place.partition: begins[place] - offset
        for place, offset in read.items()
        if offset < begins[place]
    }
    if lost:
        raise EventsExpiredError(topic, lost)


async def _read_up_to(
    arguments: AiokafkaArguments, topic: str, group: str
) -> dict[TopicPartition, int]:
    """Return the next offset that the group reads, of each partition that it has read of."""
    admin = AIOKafkaAdminClient(**arguments)
    await admin.start()
    try:
        found = await _committed(admin, group)
    finally:
        await admin.close()
    return {place: at.offset for place, at in found.items() if place.topic == topic}


async def _committed(
    admin: AIOKafkaAdminClient, group: str
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return what the group committed; brokers that never had a group need a moment to begin."""
    for _ in range(ATTEMPTS - 1):
        with suppress(GroupCoordinatorNotAvailableError):
            return await admin.list_consumer_group_offsets(group)
        await asyncio.sleep(SECONDS_BETWEEN_ATTEMPTS)
    return await admin.list_consumer_group_offsets(group)


async def _beginnings(
    arguments: AiokafkaArguments, places: Sequence[TopicPartition]
) -> Mapping[TopicPartition, int]:
    """Return the first offset that is still there of each partition."""
    if not places:
        return {}
    consumer = AIOKafkaConsumer(**arguments)
    try:
        await consumer.start()
        consumer.assign(places)
        found: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        return found
    finally:
        await consumer.stop()
