"""The feed on a real broker: markers and aborted transactions, back-pressure, members that come and go."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from infra.kafka.broker import Broker
from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings
from infra.stream import kafka, kafka_group
from infra.stream.kafka import FactFeed, FactsGoneError, FeedRefusedError
from infra.stream.kafka_group import PartitionRevokedError
from infra.stream.turn import Turn
from tests.support.given import DAY, order
from tests.support.kafka_facts import FactsProducer, feed_of, made_topic
from tests.support.world import awaited

PARTITIONS = 4
NUMBERS = count()


@pytest.fixture
def topic(bare_broker: Broker, admin: KafkaSettings) -> str:
    return made_topic(admin, f"feed-{next(NUMBERS)}.crm.facts", PARTITIONS)


@pytest.fixture
def producer(admin: KafkaSettings, topic: str) -> FactsProducer:
    return FactsProducer(admin, topic)


class Given:
    """What the group gave and took, in order."""

    def __init__(self) -> None:
        self.now: set[int] = set()
        self.taken: list[list[int]] = []
        self._changed = asyncio.Condition()

    async def assigned(self, partitions: Iterable[int]) -> None:
        self.now = set(partitions)
        async with self._changed:
            self._changed.notify_all()

    async def revoked(self, partitions: Iterable[int]) -> None:
        self.taken.append(list(partitions))
        self.now -= set(partitions)
        async with self._changed:
            self._changed.notify_all()

    async def until(self, partitions: int) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: len(self.now) == partitions)


@asynccontextmanager
async def member(feed: FactFeed, partitions: int = PARTITIONS) -> AsyncIterator[Given]:
    """A member of the group, from when it was given so many partitions until it has left."""
    given = Given()
    running = asyncio.create_task(feed.run(given))
    try:
        await given.until(partitions)
        yield given
    finally:
        feed.stop()
        await running


async def read_to_the_end(feed: FactFeed, partition: int, after: int = -1) -> list[str | None]:
    found: list[str | None] = []
    while records := await feed.read_facts(partition, after, 3):
        found += [record.id for record in records]
        after = records[-1].offset
    return found


def orders(first: int, last: int) -> list[str]:
    return [f"order anna {DAY + number}" for number in range(first, last)]


def facts(first: int, last: int) -> list:
    return [order("anna", DAY + number) for number in range(first, last)]


def test_it_reads_what_is_committed_over_markers_and_what_was_aborted(
    admin: KafkaSettings, topic: str, producer: FactsProducer
) -> None:
    @awaited
    async def scenario() -> None:
        producer.commit(0, facts(0, 2))
        producer.abort(0, facts(90, 93))
        producer.commit(0, facts(2, 5))
        producer.abort(0, facts(90, 93))
        feed = feed_of(admin, topic, topic)

        async with member(feed):
            assert await read_to_the_end(feed, 0) == orders(0, 5)
            assert await read_to_the_end(feed, 1) == []

            first = await feed.read_facts(0, -1, 100)
            assert [record.offset for record in first] == [0, 1, 7, 8, 9]
            assert await feed.read_facts(0, 6, 1) == first[2:3], "a record at its own offset"
            assert await read_to_the_end(feed, 0, 7) == orders(3, 5)

    scenario()


def test_what_comes_later_wakes_who_waits(
    admin: KafkaSettings, topic: str, producer: FactsProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "SECONDS_TO_WAIT_FOR_MORE", 30.0)

    @awaited
    async def scenario() -> None:
        feed = feed_of(admin, topic, topic)
        async with member(feed):
            assert await read_to_the_end(feed, 2) == []
            waiting = asyncio.create_task(feed.wait_for_more(2))
            await asyncio.to_thread(producer.commit, 2, facts(0, 1))
            async with asyncio.timeout(5):
                await waiting
            assert await read_to_the_end(feed, 2) == orders(0, 1)

    scenario()


def test_no_partition_is_fetched_beyond_its_bound_until_it_is_folded(
    admin: KafkaSettings, topic: str, producer: FactsProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "RECORDS_HELD", 20)
    monkeypatch.setattr(kafka, "BYTES_A_FETCH", 8_000)

    @awaited
    async def scenario() -> None:
        for start in range(0, 1_000, 100):
            producer.commit(0, facts(start, start + 100))
        producer.commit(1, facts(0, 1))
        feed = feed_of(admin, topic, topic)
        async with member(feed):
            first = await feed.read_facts(0, -1, 5)
            assert len(first) == 5
            for _ in range(5):
                assert await read_to_the_end(feed, 1) == orders(0, 1), "the others go on"
                await feed.read_facts(3, -1, 1)
            held = len(feed._feds[0].buffer)
            assert 20 <= held <= 200, "its bound, and what two batches bring"
            assert await read_to_the_end(feed, 0) == orders(0, 1_000)

    scenario()


def test_members_share_the_partitions_and_take_over_from_one_that_leaves(
    admin: KafkaSettings, topic: str, producer: FactsProducer
) -> None:
    @awaited
    async def scenario() -> None:
        producer.commit(0, facts(0, 3))
        one, other = feed_of(admin, topic, topic), feed_of(admin, topic, topic)
        async with member(one) as first:
            reading = asyncio.create_task(read_and_wait(one, 0))
            async with member(other, PARTITIONS // 2) as second:
                await first.until(PARTITIONS // 2)
                assert first.now | second.now == set(range(PARTITIONS))
                assert first.taken == [[0, 1, 2, 3]], "all are handed over, and parted anew"
                with pytest.raises(PartitionRevokedError):
                    await reading
                foreign = min(second.now)
                with pytest.raises(PartitionRevokedError):
                    await one.read_facts(foreign, -1, 1)
            await first.until(PARTITIONS)
            assert await read_to_the_end(one, 0) == orders(0, 3)

    scenario()


async def read_and_wait(feed: FactFeed, partition: int) -> None:
    await read_to_the_end(feed, partition)
    while True:
        await feed.wait_for_more(partition)


def test_the_group_shows_how_far_was_folded(
    admin: KafkaSettings, topic: str, producer: FactsProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_group, "SECONDS_BETWEEN_COMMITS", 0.0)

    @awaited
    async def scenario() -> None:
        producer.commit(3, facts(0, 3))
        feed = feed_of(admin, topic, topic)
        async with member(feed):
            await read_to_the_end(feed, 3)
            feed.note_folded(3, 1)
            assert feed.ahead_of(3, 1) == 2  # a fact and a marker
            async with asyncio.timeout(10):
                while await asyncio.to_thread(committed, admin, topic) != {3: 2}:
                    await feed.read_facts(0, -1, 1)

    scenario()


def committed(settings: KafkaSettings, topic: str) -> dict[int, int]:
    client = AdminClient({**connection(settings).librdkafka, "log_level": 0})
    asked = ConsumerGroupTopicPartitions(topic)
    (answer,) = client.list_consumer_group_offsets([asked]).values()
    found = answer.result().topic_partitions
    return {place.partition: place.offset for place in found if place.offset >= 0}


def test_a_topic_that_was_cut_is_told_of_its_partition_alone(
    admin: KafkaSettings, topic: str, producer: FactsProducer
) -> None:
    @awaited
    async def scenario() -> None:
        producer.commit(0, facts(0, 5))
        producer.commit(1, facts(0, 5))
        client = AdminClient({**connection(admin).librdkafka, "log_level": 0})
        for cut in client.delete_records([TopicPartition(topic, 0, 3)]).values():
            cut.result()
        feed = feed_of(admin, topic, topic)
        async with member(feed):
            with pytest.raises(FactsGoneError, match="partition 0 does not have offset 1 any more"):
                await read_to_the_end(feed, 0, 0)
            assert await read_to_the_end(feed, 1) == orders(0, 5)

    scenario()


def test_who_may_not_read_is_told_what_is_missing(broker: Broker, topic: str) -> None:
    @awaited
    async def scenario() -> None:
        feed = feed_of(broker.settings("stranger"), topic, topic)
        with pytest.raises(FeedRefusedError, match="holdfast topics check"):
            await feed.run(Given())

    scenario()


def test_of_those_in_line_one_is_on_and_the_next_goes_on_after_it(
    admin: KafkaSettings, topic: str
) -> None:
    one_topic = made_topic(admin, f"{topic}.turn", 1)

    @awaited
    async def scenario() -> None:
        turns = [Turn(connection(admin).aiokafka, one_topic, one_topic) for _ in range(2)]
        first = asyncio.create_task(turns[0].run())
        async with asyncio.timeout(20):
            await turns[0].wait()
        second = asyncio.create_task(turns[1].run())

        turns[0].stop()
        await first
        async with asyncio.timeout(20):
            await turns[1].wait()

        assert [turn.is_ours for turn in turns] == [False, True]
        turns[1].stop()
        await second

    scenario()
