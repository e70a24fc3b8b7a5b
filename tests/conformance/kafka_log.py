"""The log on a real broker with a real Redis, below a prefix of the test's own."""

import time
from pathlib import Path

import pytest

from events.catalogue import DEAD_LETTERS, DERIVED_TOPICS
from events.control import ClockMode
from infra.log.kafka import KafkaLog
from infra.log.kafka_records import letter_of
from infra.log.port import EventLog
from infra.log.records import DeadLetter, OutputRecord
from tests.support.given import LOG
from tests.support.kafka_logs import forget_ledger, open_log
from tests.support.kafka_topics import own_topics
from tests.support.redis_server import RedisServer
from tests.support.world import PROJECTION


class KafkaLogBackend:
    """Topics with one partition each; opening it again makes another process' log of it."""

    has_gaps = True
    created = (LOG, ClockMode.LOG)

    def __init__(self, _folder: Path, request: pytest.FixtureRequest) -> None:
        topics = own_topics(request.getfixturevalue("bare_broker"))
        self.settings = topics.__enter__()
        request.addfinalizer(lambda: topics.__exit__(None, None, None))
        self.redis: RedisServer = request.getfixturevalue("redis_server")
        forget_ledger(self.redis)
        self._began = time.time_ns() // 1_000

    def is_now(self, appended: int) -> bool:
        """The brokers' own clock, in whole milliseconds."""
        return self._began - 1_000 <= appended <= time.time_ns() // 1_000 + 1_000

    async def open(self) -> EventLog:
        return await open_log(self.settings, self.redis)

    async def outputs(self, log: EventLog) -> list[OutputRecord]:
        found = [
            record
            for topic in DERIVED_TOPICS
            for record in await log.read_outputs(topic, PROJECTION, 0, -1, 1_000)
        ]
        return sorted(found, key=lambda record: record.sequence)

    async def letters(self, log: EventLog) -> list[DeadLetter]:
        assert isinstance(log, KafkaLog)
        fetcher = log._reading.fetcher
        found: dict[str, DeadLetter] = {}
        for partition in range(fetcher.partitions(DEAD_LETTERS)):
            fetched = await fetcher.fetch(DEAD_LETTERS, partition, 0)
            for letter in map(letter_of, fetched.records):
                found.setdefault(letter.id, letter)
        return list(found.values())

    async def tallies(self, log: EventLog) -> dict[tuple[str, str], int]:
        assert isinstance(log, KafkaLog)
        assert log._writing is not None
        return await log._writing._ledger.tallies()
