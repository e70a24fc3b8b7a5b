"""Publishes messages outside transactions: outputs, decisions, dead letters. Idempotent, acks=all.

A message is tried for as long as the brokers are away, and none overtakes one that failed
(``enable.gapless.guarantee``): readers keep the highest sequence they saw, so a gap that is filled
later would be a loss. So the last message of a partition stands only where all before it do, and it
alone is waited for.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivery

from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_records import ANY_PARTITION, Message
from infra.log.port import LogUnavailableError

Place = tuple[int, int]
"""(partition, offset) at which a message stands."""

Heard = Callable[[KafkaError | None, Delivery], None]
"""Hears that a message was delivered, or why it was not."""

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
    """Messages that are answered together, on the event loop that waits for them.

    ``last`` are the numbers of those that are heard of: the last one of each partition.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[list[Place]] = self._loop.create_future()
        self.last = _last_of_each(messages)
        self._number = len(self.last)
        self._places: list[Place] = []

    def delivered(self, error: KafkaError | None, message: Delivery) -> None:
        """Note one message; called in the polling thread."""
        if error is not None:
            self.fail(error)
            return
        self._places.append((message.partition() or 0, message.offset() or 0))
        if len(self._places) == self._number:
            self._answer(lambda: self.done.set_result(self._places))

    def fail(self, error: KafkaError) -> None:
        """Let the caller know, once; from any thread."""
        why = LogUnavailableError(
            f"Kafka did not take it: {error.str()}; may this service write there? see"
            " `holdfast topics check`"
        )
        self._answer(lambda: self.done.set_exception(why))

    def _answer(self, answer: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(lambda: None if self.done.done() else answer())


class _Line:
    """One producer with the thread that polls it. A broken one ends, and is not used again."""

    def __init__(self, arguments: dict[str, str | int | bool]) -> None:
        self.producer = Producer(arguments)
        self.is_broken = False
        self._waiting: set[_Batch] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="kafka-publisher", daemon=True)
        self._thread.start()

    @asynccontextmanager
    async def batch(self, messages: Sequence[Message]) -> AsyncIterator[_Batch]:
        """Messages that are waited for here; where that fails, none comes after them."""
        batch = _Batch(messages)
        self._waiting.add(batch)
        try:
            yield batch
        except KafkaException as error:
            self.is_broken = True
            raise LogUnavailableError(f"Kafka did not take it: {error}") from error
        except BaseException:
            self.is_broken = True
            raise
        finally:
            self._waiting.discard(batch)

    async def close(self) -> None:
        """Stop polling; what nobody waits for any more is given up."""
        self._closing.set()
        await asyncio.to_thread(self._thread.join)
        self.producer.purge()

    def _poll(self) -> None:
        while not self._closing.is_set():
            if self.is_broken and not self._waiting:
                return
            try:
                self.producer.poll(SECONDS_A_POLL)
            except KafkaException as fatal:  # what it cannot outlive
                self.is_broken = True
                for batch in tuple(self._waiting):
                    batch.fail(fatal.args[0])
                return


class MessagePublisher:
    """Publishes by one producer, made anew after an error."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect when first needed. Raises `KafkaSettingsError`."""
        self._arguments = {**connection(settings).librdkafka, **CONFIGURATION}
        self._names = TopicNames(settings.topic_prefix)
        self._line: _Line | None = None

    async def publish(self, messages: Sequence[Message]) -> Sequence[Place]:
        """Return where the last message of each partition stands, once it does, durably.

        All before it stand then, too, in their order.
        Raises `LogUnavailableError` where the brokers refuse one, and then none after it stands.
        """
        if not messages:
            return []
        if self._line is None or self._line.is_broken:
            self._line = _Line(self._arguments)
        line = self._line
        async with line.batch(messages) as batch:
            taken = 0
            while taken < len(messages):
                heard = batch.delivered if taken in batch.last else None
                if self._is_taken(line.producer, messages[taken], heard):
                    taken += 1
                else:
                    await asyncio.sleep(SECONDS_UNTIL_ROOM)
            return await batch.done

    async def close(self) -> None:
        """Let go of the connections."""
        if self._line is not None:
            await self._line.close()

    def _is_taken(self, producer: Producer, message: Message, heard: Heard | None) -> bool:
        """Hand a message over; tell whether there was room for it."""
        try:
            producer.produce(
                self._names.of(message.topic),
                message.value,
                key=message.key,
                partition=message.partition,
                headers=[*message.headers],
                on_delivery=heard,
            )
        except BufferError:
            return False
        return True


def _last_of_each(messages: Sequence[Message]) -> frozenset[int]:
    """Return the numbers of the last message of each partition, and of all whose partition is open."""
    last: dict[tuple[str, int], int] = {}
    for number, message in enumerate(messages):
        unknown = message.partition == ANY_PARTITION
        last[message.topic, -2 - number if unknown else message.partition] = number
    return frozenset(last.values())
