"""Consuming every topic of a log, from where the archive left off, into batches to be kept."""

from collections.abc import Mapping, Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from events.catalogue import CONTROL, FACTS, REGISTRY
from events.control import LogCreated
from infra.archive.postgres_feed import Batch, TopicPlace
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetching import BEGINNING, END, TOPICS, KafkaFetcher, LogUnreadableError
from infra.log.kafka_records import Consumed, DamagedMessageError, control_of
from infra.mendable import MendableError
from services.archive.gathering import Gathering

RECORDS_A_BATCH = 10_000
MILLISECONDS_TO_WAIT = 500
BYTES_A_PARTITION = 4 * 1024 * 1024

logger = structlog.get_logger()


class CutLogError(MendableError):
    """The log does not have what the archive was fed from, or must be fed with."""


class LogSource:
    """A log on Kafka as the archive looks at it: who it is, and where its topics begin and end."""

    def __init__(self, fetcher: KafkaFetcher) -> None:
        """Use `open`."""
        self._fetcher = fetcher
        self.partitions = fetcher.partitions(FACTS)

    @classmethod
    async def open(cls, settings: KafkaSettings) -> Self:
        """Connect. Raises `LogUnreadableError`, and `TopicMissingError` before the topics are made."""
        fetcher = await KafkaFetcher.open(settings)
        try:
            return cls(fetcher)
        except BaseException:
            await fetcher.close()
            raise

    async def log_id(self) -> str | None:
        """Return the id of the log; None before it was created."""
        first = await self._fetcher.fetch(CONTROL, 0, 0)
        if not first.records:
            return None
        record = control_of(first.records[0])
        created = REGISTRY.decode(record.type, record.data)
        if not isinstance(created, LogCreated):
            raise CutLogError(
                f"crm.control begins with {record.type}, not with the making of the log: its"
                " beginning is gone, so nothing can be told of it; restore the topic"
            )
        return created.log_id

    async def starts(self, known: Mapping[TopicPlace, int]) -> dict[TopicPlace, int]:
        """Return from where each partition of each topic is read: its known place, or its beginning.

        Raises `CutLogError` where the log has less than was fed already, or facts and control have
        lost what was not fed yet. Of topics that are kept for a time, what is gone is passed over.
        """
        found: dict[TopicPlace, int] = {}
        for topic in TOPICS:
            partitions = range(self._fetcher.partitions(topic))
            begins = await self._fetcher.offsets(topic, dict.fromkeys(partitions, BEGINNING))
            ends = await self._fetcher.offsets(topic, dict.fromkeys(partitions, END))
            for partition in partitions:
                place = TopicPlace(topic, partition)
                wanted = known.get(place, 0)
                _check(place, wanted, begins[partition], ends[partition])
                found[place] = max(wanted, begins[partition])
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._fetcher.close()


class TopicConsumer:
    """Reads all partitions that it is given, committed records only. It belongs to no group.

    At a record that cannot be read its partition stands still, and is in ``halted``; others go on.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._names = TopicNames(settings.topic_prefix)
        self._settings = settings
        self._consumer: AIOKafkaConsumer = AIOKafkaConsumer(
            **connection(settings).aiokafka,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=BYTES_A_PARTITION,
        )
        self._places: dict[TopicPartition, TopicPlace] = {}
        self._positions: dict[TopicPlace, int] = {}
        self.halted: dict[TopicPlace, DamagedMessageError] = {}

    async def start(self, starts: Mapping[TopicPlace, int]) -> None:
        """Begin at these places. Raises `LogUnreadableError`."""
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            raise self._unreadable(error) from error
        self._places = {
            TopicPartition(self._names.of(place.topic), place.partition): place for place in starts
        }
        self._consumer.assign(list(self._places))
        for on_brokers, place in self._places.items():
            self._consumer.seek(on_brokers, starts[place])
        self._positions = dict(starts)

    async def next_batch(self) -> Batch | None:
        """Return what has come, at latest after half a second; None where nothing has.

        Raises `LogUnreadableError` where the brokers do not serve.
        """
        try:
            found = await self._consumer.getmany(
                timeout_ms=MILLISECONDS_TO_WAIT, max_records=RECORDS_A_BATCH
            )
            gathered = self._gathered(found)
            positions = {
                place: await self._consumer.position(on_brokers)
                for on_brokers, place in self._places.items()
            }
        except (KafkaError, OSError) as error:
            raise self._unreadable(error) from error
        moved = {
            place: offset for place, offset in positions.items() if offset != self._positions[place]
        }
        self._positions = positions
        return gathered.batch(moved) if moved else None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._consumer.stop()

    def _gathered(
        self, found: Mapping[TopicPartition, Sequence["ConsumerRecord[bytes, bytes]"]]
    ) -> Gathering:
        gathering = Gathering()
        for on_brokers, records in found.items():
            place = self._places[on_brokers]
            for record in records:
                try:
                    gathering.add(Consumed.of(place.topic, record))
                except DamagedMessageError as error:
                    self.halted[place] = error
                    self._consumer.pause(on_brokers)
                    self._consumer.seek(on_brokers, record.offset)
                    break
        return gathering

    def _unreadable(self, error: Exception) -> LogUnreadableError:
        return LogUnreadableError(
            f"the brokers at {self._settings.bootstrap_servers} do not serve ({error!r}): check that"
            " they are up, and by `holdfast topics check` that this service may read"
        )


def _check(place: TopicPlace, wanted: int, begin: int, end: int) -> None:
    where = f"{place.topic} partition {place.partition}"
    if wanted > end:
        raise CutLogError(
            f"the archive was fed from {where} up to offset {wanted}, which ends at {end}: the log"
            " was cut or made anew; restore it, or name another schema by"
            " HOLDFAST_POSTGRES_DB_SCHEMA and let `holdfast archive` feed that"
        )
    if wanted < begin:
        if place.topic in (FACTS, CONTROL):
            raise CutLogError(
                f"the archive was fed from {where} up to offset {wanted}, which begins at {begin}:"
                " what is between is gone, and is kept for ever elsewhere; restore the topic"
            )
        logger.warning("expired before it was archived", topic=place.topic, records=begin - wanted)
