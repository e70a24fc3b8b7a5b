"""Publishes messages outside transactions: outputs, decisions, dead letters. Idempotent, acks=all.

A message is tried for as long as the brokers are away, and none overtakes one that failed
(``enable.gapless.guarantee``): readers keep the highest sequence they saw, so a gap that is filled
later would be a loss.
"""

import asyncio
import threading
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivery

from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_records import Message
from infra.log.port import LogUnavailableError

Place = tuple[int, int]
"""(partition, offset) at which a message stands."""

CONFIGURATION: dict[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    "enable.gapless.guarantee": True,
    "message.timeout.ms": 0,  # never: a message that is given up would leave a gap
    "linger.ms": 1,
    "compression.type": "lz4",
    "partitioner": "murmur2",
    "log_level": 0,
}
SECONDS_A_POLL = 0.1
SECONDS_UNTIL_ROOM = 0.01


class _Batch:
    """Messages that are answered together, on the event loop that waits for them."""

    def __init__(self, number: int) -> None:
        self.done: asyncio.Future[list[Place]] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._number = number
        self._places: list[Place] = []

    def delivered(self, error: KafkaError | None, message: Delivery) -> None:
        """Note one message; called in the polling thread."""
        if error is not None:
            self._loop.call_soon_threadsafe(self.fail, error)
            return
        self._places.append((message.partition() or 0, message.offset() or 0))
        if len(self._places) == self._number:
            self._loop.call_soon_threadsafe(self._succeed)

    def fail(self, error: KafkaError) -> None:
        """Let the caller know, once."""
        if not self.done.done():
            self.done.set_exception(LogUnavailableError(f"Kafka did not take it: {error.str()}"))

    def _succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(self._places)


class MessagePublisher:
    """One producer, polled by a thread of its own. Made anew after an error that it cannot outlive."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect lazily. Raises `KafkaSettingsError`."""
        self._arguments = {**connection(settings).librdkafka, **CONFIGURATION}
        self._names = TopicNames(settings.topic_prefix)
        self._producer = Producer(self._arguments)
        self._broken = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="kafka-publisher", daemon=True)
        self._thread.start()

    async def publish(self, messages: Sequence[Message]) -> Sequence[Place]:
        """Return where the messages stand once they do, durably; in order within a partition.

        Raises `LogUnavailableError` where the brokers refuse one, and then none after it stands.
        """
        if not messages:
            return []
        if self._broken:
            self._producer, self._broken = Producer(self._arguments), False
        batch = _Batch(len(messages))
        try:
            for message in messages:
                await self._produce(message, batch)
            return await batch.done
        except KafkaException as error:
            self._broken = True
            raise LogUnavailableError(f"Kafka did not take it: {error}") from error
        except LogUnavailableError:
            self._broken = True
            raise

    async def close(self) -> None:
        """Stop; what nobody waits for any more is given up."""
        self._closing.set()
        await asyncio.to_thread(self._thread.join)
        self._producer.purge()

    async def _produce(self, message: Message, batch: _Batch) -> None:
        while True:
            try:
                self._producer.produce(
                    self._names.of(message.topic),
                    message.value,
                    key=message.key,
                    partition=message.partition,
                    headers=[*message.headers],
                    on_delivery=batch.delivered,
                )
            except BufferError:
                await asyncio.sleep(SECONDS_UNTIL_ROOM)
            else:
                return

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(SECONDS_A_POLL)
