"""A copy of the log, read by a plain consumer: committed records only, from where the copy ends."""

from collections import defaultdict
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings

FACTS, CONTROL = "crm.facts", "crm.control"
OUTPUTS = ("crm.signals", "crm.profiles", "crm.snapshots")
TASKS = "crm.tasks"
SECONDS_A_POLL = 5.0
POLLS_WITHOUT_ANSWER = 24


class Record(NamedTuple):
    """One message; its headers by name, the last of each."""

    offset: int
    key: str | None
    headers: dict[str, str]
    value: bytes
    appended: int

    @property
    def type(self) -> str:
        return self.headers["ce_type"]


class LogCopy:
    """Every record that was read of each (topic, partition), in order."""

    def __init__(self, settings: KafkaSettings, partitions: int) -> None:
        self.records: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
        self.partitions = partitions
        self._settings = settings
        self._places = [
            *(
                (topic, number)
                for topic in (FACTS, *OUTPUTS, TASKS)
                for number in range(partitions)
            ),
            (CONTROL, 0),
        ]

    def catch_up(self) -> None:
        """Read on to the end of each partition as it is now."""
        arguments = connection(self._settings).librdkafka
        consumer = Consumer(
            {
                **arguments,
                "group.id": "checker",  # it joins none
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 50,
            }
        )
        try:
            consumer.assign([self._next(place) for place in self._places])
            self._read(consumer)
        finally:
            consumer.close()

    def end(self, topic: str, partition: int) -> int:
        """Return the offset of the last record, -1 where there is none."""
        found = self.records[topic, partition]
        return found[-1].offset if found else -1

    def _next(self, place: tuple[str, int]) -> TopicPartition:
        found = self.records[place]
        return TopicPartition(*place, found[-1].offset + 1 if found else OFFSET_BEGINNING)

    def _read(self, consumer: Consumer) -> None:
        left = set(self._places)
        silent = 0
        while left:
            messages = consumer.consume(500, SECONDS_A_POLL if silent else 0.5)
            silent = 0 if messages else silent + 1
            assert silent < POLLS_WITHOUT_ANSWER, left
            for message in messages:
                place = (str(message.topic()), int(message.partition() or 0))
                error = message.error()
                if error is None:
                    self.records[place].append(_record(message))
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(place)
                elif not error.retriable():
                    raise AssertionError(error)


def _record(message: object) -> Record:
    key, headers = message.key(), message.headers() or []
    return Record(
        message.offset(),
        None if key is None else key.decode(),
        {name: value.decode() for name, value in headers},
        message.value() or b"",
        message.timestamp()[1],
    )
