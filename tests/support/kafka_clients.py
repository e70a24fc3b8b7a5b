"""A record written and read through aiokafka, as somebody."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord, TopicPartition

from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings

SECONDS = 20


def write(settings: KafkaSettings, topic: str, *values: bytes, timestamp: int | None = None) -> int:
    """Append values to partition 0 of a topic; the offset of the last, once all copies hold it."""

    async def run() -> int:
        producer = AIOKafkaProducer(
            **connection(settings).aiokafka, acks="all", enable_idempotence=True
        )
        try:
            await producer.start()
            for value in values:
                written = await producer.send_and_wait(
                    topic, value, partition=0, timestamp_ms=timestamp
                )
            return int(written.offset)
        finally:
            await producer.stop()

    return asyncio.run(asyncio.wait_for(run(), SECONDS))


def write_in_transaction(settings: KafkaSettings, transaction: str, topic: str) -> None:
    """Append one value in a transaction of this id."""

    async def run() -> None:
        producer = AIOKafkaProducer(**connection(settings).aiokafka, transactional_id=transaction)
        try:
            await producer.start()
            async with producer.transaction():
                await producer.send_and_wait(topic, b"in a transaction", partition=0)
        finally:
            await producer.stop()

    asyncio.run(asyncio.wait_for(run(), SECONDS))


def read(
    settings: KafkaSettings, topic: str, offset: int, group: str | None = None
) -> Sequence[ConsumerRecord[bytes, bytes]]:
    """The records of partition 0 from an offset on, as many as come at once; a group commits them."""

    async def run() -> Sequence[ConsumerRecord[bytes, bytes]]:
        consumer = AIOKafkaConsumer(
            **connection(settings).aiokafka, group_id=group, enable_auto_commit=False
        )
        partition = TopicPartition(topic, 0)
        try:
            await consumer.start()
            consumer.assign([partition])
            consumer.seek(partition, offset)
            found = await consumer.getmany(partition, timeout_ms=10_000)
            if group is not None:
                await consumer.commit()
            return found[partition]
        finally:
            await consumer.stop()

    return asyncio.run(asyncio.wait_for(run(), SECONDS))
