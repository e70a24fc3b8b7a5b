"""Commits messages to Kafka in one transaction each, under the transactional id of the one writer.

Blocking; for a thread of its own. A second writer that opens fences the first one.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivery

from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_records import Message
from infra.log.port import LogUnavailableError
from infra.log.writers import WriterFencedError

SECONDS_TO_DELIVER = 10.0
SECONDS_TO_OPEN = 10.0
SECONDS_TO_COMMIT = 15.0
SECONDS_TO_ABORT = 5.0
SECONDS_OF_A_TRANSACTION = 60
"""What is open longer than that is aborted by the brokers."""

FENCED = frozenset(
    {
        KafkaError._FENCED,  # noqa: SLF001 - the library's public name of its own error
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
    }
)


class OutcomeUnknownError(Exception):
    """All messages stand at these offsets, committed or aborted; who asked must look which."""

    def __init__(self, messages: Sequence[Message], offsets: Sequence[int]) -> None:
        super().__init__("the commit was not answered")
        self.messages = messages
        self.offsets = offsets


class TimesNotKeptError(LogUnavailableError):
    """Messages came with times of their own, and the brokers stamped them anew; none of them stands."""

    def __init__(self) -> None:
        super().__init__("the brokers stamp records with the time of now, so nothing was written")


class _Deliveries:
    """What the brokers say of the messages of one transaction, by their numbers."""

    def __init__(self, messages: int) -> None:
        self.offsets = [-1] * messages
        self.are_restamped = False

    def note(self, number: int, error: KafkaError | None, message: Delivery) -> None:
        """Note one of them."""
        if error is None:
            self.offsets[number] = message.offset() or 0
            kind, _ = message.timestamp()
            self.are_restamped |= kind == TIMESTAMP_LOG_APPEND_TIME


class TransactionalProducer:
    """One writer's producer. After a failure it must be opened again, unless it was fenced."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect lazily. Raises `KafkaSettingsError`."""
        self._names = TopicNames(settings.topic_prefix)
        self._servers = settings.bootstrap_servers
        self._arguments: dict[str, str | int | bool] = {
            **connection(settings).librdkafka,
            "transactional.id": self._names.transaction,
            "transaction.timeout.ms": SECONDS_OF_A_TRANSACTION * 1_000,
            "message.timeout.ms": int(SECONDS_TO_DELIVER * 1_000),
            "acks": "all",
            "linger.ms": 0,
            "compression.type": "lz4",
            "log_level": 0,
        }
        self._producer: Producer | None = None
        self.is_fenced = False

    @property
    def is_open(self) -> bool:
        """Whether it may commit as it is."""
        return self._producer is not None

    def open(self) -> None:
        """Become the writer: what the one before left open is settled by the brokers.

        Raises `LogUnavailableError`, or `WriterFencedError` where this one was fenced before.
        """
        if self.is_fenced:
            raise WriterFencedError
        self.close()
        producer = Producer(self._arguments)
        try:
            producer.init_transactions(SECONDS_TO_OPEN)
        except KafkaException as failed:
            raise self._unavailable(_error_of(failed)) from failed
        self._producer = producer

    def close(self) -> None:
        """Let go of the producer; a transaction under way is left to whoever opens next."""
        if self._producer is not None:
            self._producer.purge()
            self._producer = None

    def commit(self, messages: Sequence[Message]) -> list[int]:
        """Return the offset of each message once all are committed.

        Raises:
            LogUnavailableError: nothing stands, or ever will.
            WriterFencedError: the same, and this one never writes again.
            OutcomeUnknownError: look, once it was opened again or was fenced.
            TimesNotKeptError: nothing stands; the topic is set to stamp records anew.
        """
        if self._producer is None:
            raise LogUnavailableError("the writer is not open")
        delivered = _Deliveries(len(messages))
        offsets = delivered.offsets
        try:
            self._produce(self._producer, messages, delivered)
            if any(message.timestamp_ms for message in messages):
                self._check_times(self._producer, delivered)
            self._commit(self._producer)
        except KafkaException as failed:
            error = _error_of(failed)
            if error.fatal() and error.code() in FENCED:
                self.is_fenced = True
                self.close()
            elif error.txn_requires_abort():
                self._abort(self._producer)
                raise self._unavailable(error) from failed
            else:
                self.close()
            if -1 not in offsets:  # all were delivered, so the commit may have been, too
                raise OutcomeUnknownError(messages, offsets) from failed
            raise self._unavailable(error) from failed
        return offsets

    def _produce(
        self, producer: Producer, messages: Sequence[Message], delivered: _Deliveries
    ) -> None:
        producer.begin_transaction()
        for number, message in enumerate(messages):
            while True:
                try:
                    producer.produce(
                        self._names.of(message.topic),
                        message.value,
                        key=message.key,
                        partition=message.partition,
                        headers=[*message.headers],
                        timestamp=message.timestamp_ms,
                        on_delivery=partial(delivered.note, number),
                    )
                except BufferError:
                    producer.poll(0.05)
                else:
                    break

    def _check_times(self, producer: Producer, delivered: _Deliveries) -> None:
        producer.flush(SECONDS_TO_DELIVER)
        if delivered.are_restamped:
            self._abort(producer)
            raise TimesNotKeptError

    def _commit(self, producer: Producer) -> None:
        deadline = time.monotonic() + SECONDS_TO_COMMIT
        while True:
            try:
                producer.commit_transaction(SECONDS_TO_COMMIT)
            except KafkaException as failed:
                if not _error_of(failed).retriable() or time.monotonic() > deadline:
                    raise
            else:
                return

    def _abort(self, producer: Producer) -> None:
        """Abort, so that readers go on at once. Whoever opens next does it, where this cannot.

        The producer is not used again: one that gave messages up counts wrongly from then on, which
        the brokers refuse.
        """
        with suppress(KafkaException):
            producer.abort_transaction(SECONDS_TO_ABORT)
        self.close()

    def _unavailable(self, error: KafkaError) -> LogUnavailableError:
        if error.code() in FENCED:
            self.is_fenced = True
            return WriterFencedError()
        return LogUnavailableError(
            f"the brokers at {self._servers} did not take it ({error.str()}): check that they are up,"
            " and by `holdfast topics check` that ingest may write"
        )


def _error_of(failed: KafkaException) -> KafkaError:
    error = failed.args[0]
    if not isinstance(error, KafkaError):
        raise failed
    return error
