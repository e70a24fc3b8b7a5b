"""The archive's role: it feeds PostgreSQL with all that a log on Kafka has, until it is stopped."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from infra.archive.postgres_feed import AlreadyFedError, PostgresFeed, TopicPlace
from infra.health.board import HealthBoard
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetching import LogUnreadableError, TopicMissingError
from infra.mendable import MendableError
from infra.postgres.connection import PostgresUnavailableError
from infra.postgres.settings import PostgresSettings
from services.archive.consuming import LogSource, TopicConsumer

SECONDS_BETWEEN_TRIES = 1.0

_PASSING = (PostgresUnavailableError, LogUnreadableError, TopicMissingError, AlreadyFedError)
"""What ends by itself: it is said once, and waited for."""

PART = "archive"

logger = structlog.get_logger()


class Archiver:
    """Consumes every topic into PostgreSQL. Where it stands is what PostgreSQL holds.

    A server that is lost is waited for. A partition stands still at a record that cannot be read, in
    sight, while the others go on. A log of another identity, or one that was cut, is refused: `run`
    raises.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        postgres: PostgresSettings,
        fed: Callable[[int], None] = lambda _: None,
        board: HealthBoard | None = None,
    ) -> None:
        """``fed`` is told how many records each batch had, once they stand."""
        self._kafka = kafka
        self._postgres = postgres
        self._fed = fed
        self._board = board or HealthBoard()
        self._halted: set[TopicPlace] = set()
        self._stopped = asyncio.Event()
        self._waiting_for = ""

    async def run(self) -> None:
        """Feed until `stop`.

        Raises `OtherLogError`, `OtherArchiveError`, `FedTwiceError` and `CutLogError`, which a person
        has to mend.
        """
        while not self._stopped.is_set():
            try:
                await self._feed()
            except _PASSING as error:
                self._say(error)
                await self._pause()

    def stop(self) -> None:
        """Let `run` return with nothing under way."""
        self._stopped.set()

    async def _feed(self) -> None:
        async with AsyncExitStack() as opened:
            feed = await PostgresFeed.open(self._postgres)
            opened.push_async_callback(feed.close)
            source = await LogSource.open(self._kafka)
            opened.push_async_callback(source.close)
            log_id = await self._log_id(source)
            if log_id is None:
                return
            starts = await source.starts(await feed.begin(log_id, source.partitions))
            consumer = TopicConsumer(self._kafka)
            opened.push_async_callback(consumer.close)
            await consumer.start(starts)
            logger.info("feeding the archive", log=log_id)
            self._waiting_for = ""
            self._board.leave(PART)
            while not self._stopped.is_set():
                batch = await consumer.next_batch()
                if batch is not None:
                    await feed.write(batch)
                    self._fed(batch.records)
                self._tell_of(consumer)

    async def _log_id(self, source: LogSource) -> str | None:
        """Wait until the log was created; None where this is stopped before."""
        while (log_id := await source.log_id()) is None and not self._stopped.is_set():
            self._board.waits(PART, "the log is not made yet; `holdfast ingest` makes it")
            await self._pause()
        return log_id

    def _tell_of(self, consumer: TopicConsumer) -> None:
        """Say which partitions stand still, each once."""
        for place in consumer.halted.keys() - self._halted:
            why = str(consumer.halted[place])
            logger.error(
                "an archived partition stands still, the others go on",
                topic=place.topic,
                partition=place.partition,
                reason=why,
            )
            self._board.halted(f"{place.topic} {place.partition}", why)
            self._halted.add(place)

    def _say(self, error: MendableError) -> None:
        if isinstance(error, AlreadyFedError):
            self._board.leave(PART)  # a process that stands by is as well as it can be
        else:
            self._board.waits(PART, str(error))
        if type(error).__name__ != self._waiting_for:
            logger.warning("the archive waits", reason=str(error))
        self._waiting_for = type(error).__name__

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), SECONDS_BETWEEN_TRIES)
        except TimeoutError:
            return
