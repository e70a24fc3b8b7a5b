"""One process of several works at a time; the others wait in line, and one of them goes on after it.

The line is a consumer group on a topic of one partition: whoever is given the partition, is on. For a
moment two may think so, one of whom was not heard of for too long; so use it where that does no harm.
"""

import asyncio

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from infra.kafka.connection import AiokafkaArguments
from infra.mendable import MendableError
from infra.stream.handover import HandedOverError, Handover

MILLISECONDS_A_LOOK = 1000
MILLISECONDS_OF_SILENCE = 10_000
SECONDS_BETWEEN_ATTEMPTS = 1.0

logger = structlog.get_logger()


class TurnRefusedError(MendableError):
    """The brokers do not let this process wait in line."""


class Turn:
    """A place in the line. Make it where an event loop runs; `run` keeps it until `stop`."""

    def __init__(self, arguments: AiokafkaArguments, topic: str, group: str) -> None:
        self._arguments = arguments
        self._topic = topic
        self._group = group
        self._ours = asyncio.Event()
        self._stopping = Handover()

    @property
    def is_ours(self) -> bool:
        """Whether this process is on."""
        return self._ours.is_set()

    async def wait(self) -> None:
        """Return once this process is on."""
        await self._ours.wait()

    async def run(self) -> None:
        """Wait in line until `stop`. Raises `TurnRefusedError`."""
        while not self._stopping.is_asked:
            try:
                await self._in_line()
            except (TopicAuthorizationFailedError, GroupAuthorizationFailedError) as error:
                raise TurnRefusedError(
                    f"may not join group {self._group} on {self._topic} ({error}):"
                    " `holdfast topics check` says which right is missing"
                ) from error
            except KafkaError as error:
                logger.warning("the line is begun anew", group=self._group, reason=repr(error))
                await self._stopping.wait(SECONDS_BETWEEN_ATTEMPTS)

    def stop(self) -> None:
        """Leave the line, so that the next one is on at once."""
        self._stopping.ask()

    async def _in_line(self) -> None:
        consumer = AIOKafkaConsumer(
            **self._arguments,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            session_timeout_ms=MILLISECONDS_OF_SILENCE,
        )
        try:
            await self._stopping.unless_asked(consumer.start())
            consumer.subscribe([self._topic], listener=_Line(consumer, self._ours))
            while True:
                await self._stopping.unless_asked(consumer.getmany(timeout_ms=MILLISECONDS_A_LOOK))
        except HandedOverError:
            return
        finally:
            self._ours.clear()
            await consumer.stop()


class _Line(ConsumerRebalanceListener):
    """Hears who is on."""

    def __init__(self, consumer: AIOKafkaConsumer, ours: asyncio.Event) -> None:
        self._consumer = consumer
        self._ours = ours

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Stop."""
        self._ours.clear()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Go on, where the partition is ours; what stands in it is of no interest."""
        for place in assigned:
            self._consumer.pause(place)
            self._ours.set()
