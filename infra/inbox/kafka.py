"""Follows ``crm.tasks`` on Kafka, in all its partitions; a position is the offset of a record."""

from collections.abc import Mapping
from typing import Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from events.catalogue import TASKS
from infra.inbox.port import TasksRead
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetching import KafkaFetcher, LogUnreadableError
from infra.log.kafka_records import Consumed, output_of
from infra.mendable import MendableError

WAIT_MS = 500


class TasksCutError(MendableError):
    """The topic has less than the read model was made from."""


class KafkaTasks:
    """Reads on from wherever it is told. It belongs to no group."""

    def __init__(
        self, consumer: "AIOKafkaConsumer", settings: KafkaSettings, places: list[TopicPartition]
    ) -> None:
        """Use `open`."""
        self._consumer = consumer
        self._servers = settings.bootstrap_servers
        self._places = places
        self._next: dict[int, int] = {}

    @classmethod
    async def open(cls, settings: KafkaSettings) -> Self:
        """Connect. Raises `LogUnreadableError` and `TopicMissingError`."""
        fetcher = await KafkaFetcher.open(settings)
        try:
            partitions = range(fetcher.partitions(TASKS))
        finally:
            await fetcher.close()
        consumer: AIOKafkaConsumer = AIOKafkaConsumer(
            **connection(settings).aiokafka,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
        except (KafkaError, OSError) as error:
            await consumer.stop()
            raise _unreadable(settings.bootstrap_servers, error) from error
        name = TopicNames(settings.topic_prefix).of(TASKS)
        places = [TopicPartition(name, number) for number in partitions]
        consumer.assign(places)
        return cls(consumer, settings, places)

    async def read(self, positions: Mapping[int, int], limit: int) -> TasksRead:
        """Return what stands behind these offsets; waits a moment for a first record.

        Raises:
            LogUnreadableError: the brokers do not serve.
            TasksCutError: the topic ends before one of the offsets, or begins behind it.
            DamagedMessageError: a record is not as this product writes it.
        """
        self._go_to(positions)
        try:
            found = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=limit)
        except OffsetOutOfRangeError as error:
            self._next.clear()
            raise TasksCutError(
                f"crm.tasks does not have what the read model of tasks was made from ({error}): it was"
                " cut or restored; start `holdfast console --anew` once"
            ) from error
        except (KafkaError, OSError) as error:
            self._next.clear()
            raise _unreadable(self._servers, error) from error
        records, to = [], {}
        for place, messages in found.items():
            records += [output_of(Consumed.of(TASKS, message)) for message in messages]
            to[place.partition] = messages[-1].offset
            self._next[place.partition] = messages[-1].offset + 1
        return TasksRead(records, to)

    async def more(self) -> None:
        """Return at once: it is `read` that waits."""

    async def close(self) -> None:
        """Let go of the connections."""
        await self._consumer.stop()

    def _go_to(self, positions: Mapping[int, int]) -> None:
        for place in self._places:
            wanted = positions.get(place.partition, -1) + 1
            if self._next.get(place.partition) != wanted:
                self._consumer.seek(place, wanted)
                self._next[place.partition] = wanted


def _unreadable(servers: str, error: Exception) -> LogUnreadableError:
    return LogUnreadableError(f"the brokers at {servers} do not serve crm.tasks: {error!r}")
