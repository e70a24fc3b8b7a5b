"""When the brokers appended what came of a fact on its way to a row: its signal, and its task's first event."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer

from events.catalogue import REGISTRY, SIGNALS, TASKS
from events.signals import CustomerPlaced
from events.tasks import TaskRaised
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings


async def appended(settings: KafkaSettings) -> tuple[dict[str, float], dict[str, float]]:
    """Return when each account was first named by a signal, and by a task that was raised.

    Seconds since the epoch, by the brokers' clock, to the millisecond.
    """
    signals, tasks = dict[str, float](), dict[str, float]()
    async for type_name, value, at in _records(settings):
        match REGISTRY.decode(type_name, value):
            case CustomerPlaced(placement=placement):
                signals.setdefault(placement.account, at)
            case TaskRaised(task=step):
                tasks.setdefault(step.account, at)
            case _:
                pass
    return signals, tasks


async def _records(settings: KafkaSettings) -> AsyncIterator[tuple[str, bytes, float]]:
    """Read both topics from their beginnings to where they end now."""
    names = TopicNames(settings.topic_prefix)
    consumer = AIOKafkaConsumer(
        *map(names.of, (SIGNALS, TASKS)),
        **connection(settings).aiokafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        left = {place for place, end in ends.items() if end}
        while left:
            fetched = await consumer.getmany(timeout_ms=500)
            for record in (record for records in fetched.values() for record in records):
                type_name = dict(record.headers)["ce_type"].decode()
                yield type_name, record.value or b"", record.timestamp / 1_000
            left = {one for one in left if await consumer.position(one) < ends[one]}
    finally:
        await consumer.stop()
