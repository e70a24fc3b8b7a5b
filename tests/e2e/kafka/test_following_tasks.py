"""What a console reads of the brokers: tasks from wherever its rows stand, and where the facts end."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest

from events.control import ClockMode
from events.marks import Emission
from infra.inbox.kafka import KafkaTasks, TasksCutError
from infra.kafka.broker import Broker
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.log.kafka_ends import FactEnds
from infra.log.kafka_fetching import TopicMissingError
from infra.log.records import Output, OutputRecord
from tests.support.given import DAY, LOG
from tests.support.kafka_logs import forget_ledger, open_log
from tests.support.kafka_topics import make_anew, own_topics
from tests.support.redis_server import RedisServer
from tests.support.world import StoppedClock

PARTITIONS = 3


@pytest.fixture
def settings(bare_broker: Broker, redis_server: RedisServer) -> Iterator[KafkaSettings]:
    forget_ledger(redis_server)
    with own_topics(bare_broker, PARTITIONS) as made:
        yield made


def said(sequence: int) -> Output:
    fields = ("crm.tasks", sequence, "crm.task.noted.v1", None, None, Emission.LIVE)
    return Output(*fields, b"{}", account="A-1")


@asynccontextmanager
async def told(
    settings: KafkaSettings, parted: Mapping[int, list[int]]
) -> AsyncIterator[KafkaTasks]:
    """Let the desk say what has these sequences, by partition; then read."""
    log = await KafkaLog.open(settings, StoppedClock())
    tasks = await KafkaTasks.open(settings)
    try:
        for partition, sequences in parted.items():
            await log.publish("desk", partition, [said(one) for one in sequences])
        yield tasks
    finally:
        await tasks.close()
        await log.close()


async def all_behind(tasks: KafkaTasks, positions: dict[int, int]) -> list[OutputRecord]:
    """Everything that stands behind these offsets."""
    found: list[OutputRecord] = []
    while (read := await tasks.read(positions, 2)).to:
        found += read.records
        positions = {**positions, **read.to}
    return found


def test_all_partitions_are_read_on_from_wherever_the_rows_stand(settings: KafkaSettings) -> None:
    async def check() -> None:
        async with told(settings, {0: [1, 4, 5], 2: [2, 3]}) as tasks:
            everything = await all_behind(tasks, {})
            behind = await all_behind(tasks, {0: 1, 2: 0})
            again = await all_behind(tasks, {})

            assert sorted(record.sequence for record in everything) == [1, 2, 3, 4, 5]
            assert sorted(record.sequence for record in behind) == [3, 5]
            assert {record.customer_id for record in everything} == {None}
            for partition in range(PARTITIONS):
                mine = [one.sequence for one in again if one.partition == partition]
                assert mine == sorted(mine)

    asyncio.run(check())


def test_a_topic_that_was_made_anew_is_told_from_one_that_is_read_to_its_end(
    settings: KafkaSettings,
) -> None:
    async def check() -> None:
        async with told(settings, {0: [1, 2, 3]}) as tasks:
            assert await all_behind(tasks, {0: 2}) == []
        await asyncio.to_thread(
            make_anew, settings, TopicNames(settings.topic_prefix).of("crm.tasks")
        )
        async with told(settings, {}) as tasks:
            with pytest.raises(TasksCutError, match="--anew"):
                await all_behind(tasks, {0: 2})
            assert await all_behind(tasks, {}) == []

    asyncio.run(check())


def test_topics_that_are_missing_are_told(bare_broker: Broker) -> None:
    missing = bare_broker.settings("admin").model_copy(update={"topic_prefix": "nowhere."})

    with pytest.raises(TopicMissingError, match=r"nowhere\.crm\.tasks"):
        asyncio.run(KafkaTasks.open(missing))


def test_where_facts_end_is_near_at_once_and_exact_once_they_rest(
    settings: KafkaSettings, redis_server: RedisServer
) -> None:
    async def check() -> None:
        log = await open_log(settings, redis_server)
        ends = await FactEnds.open(settings)
        try:
            await log.create(LOG, ClockMode.LOG)
            nowhere = [-1] * PARTITIONS
            for day in range(1, 4):
                await log.advance(DAY + day)
                await ends.last(nowhere)
                exact = [await log.end_offset(number) for number in range(PARTITIONS)]

                assert await ends.last(nowhere) == exact
                assert await ends.last(exact) == exact
        finally:
            await ends.close()
            await log.close()

    asyncio.run(check())
