"""The log on Kafka as those see it that do not write it: markers, copies, many cursors, waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from events.calendar import date_of
from events.catalogue import SIGNALS, SNAPSHOTS
from events.control import ClockMode, ModelDecided
from infra.log.kafka import KafkaLog
from infra.log.kafka_fetching import LogUnreadableError, TopicMissingError
from infra.log.records import Appended, Duplicate
from infra.log.writers import NotTheWriterError
from tests.conformance.backends import opened
from tests.conformance.kafka_faults import other_writer
from tests.conformance.kafka_log import KafkaLogBackend
from tests.conformance.test_log_decisions import decided
from tests.conformance.test_log_outputs import LETTER, closed, placed
from tests.support.given import DAY, LOG, order
from tests.support.marks import control_words, partition_words
from tests.support.world import CREATED, PROJECTION, StoppedClock, awaited


@pytest.fixture
def kafka(request: pytest.FixtureRequest, tmp_path: Path) -> KafkaLogBackend:
    return KafkaLogBackend(tmp_path, request)


@asynccontextmanager
async def reader_of(kafka: KafkaLogBackend) -> AsyncIterator[KafkaLog]:
    """The log as another process opens it, without a ledger."""
    log = await KafkaLog.open(kafka.settings, StoppedClock())
    try:
        yield log
    finally:
        await log.close()


async def sequences(
    log: KafkaLog, after: int, limit: int = 10, topic: str = SNAPSHOTS
) -> list[int]:
    records = await log.read_outputs(topic, PROJECTION, 0, after, limit)
    return [record.sequence for record in records]


@awaited
async def test_a_reader_sees_what_was_committed_and_writes_nothing(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log, reader_of(kafka) as reader:
        await log.append([order("anna", DAY)])

        assert await partition_words(reader) == await partition_words(log)
        assert await control_words(reader) == await control_words(log)
        assert reader.head == log.head
        for refused in (
            reader.append([order("bert", DAY)]),
            reader.advance(DAY + 1),
            reader.create(LOG, ClockMode.LOG),
            reader.begin_import("i1", 1),
            reader.count({}),
            reader.claimed([]),
        ):
            with pytest.raises(NotTheWriterError, match="only the active ingest does"):
                await refused


@awaited
async def test_the_end_is_the_last_record_and_no_marker(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        (outcome,) = await log.append([order("anna", DAY)])
        assert isinstance(outcome, Appended)
        zombie = other_writer(kafka.settings)
        for _ in range(3):
            zombie.begin_transaction()
            zombie.produce(kafka.settings.topic_prefix + "crm.facts", b"never", partition=0)
            zombie.flush()
            zombie.abort_transaction()

        assert await log.end_offset(0) == outcome.offset
        assert await log.end_offset(0) == outcome.offset
        assert [record.offset for record in await log.read_facts(0, outcome.offset, 10)] == []


@awaited
async def test_two_readers_of_one_partition_go_on_each_where_it_was(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.append([order("anna", DAY, fact_id=f"o{number}") for number in range(40)])
        everything = list(await log.read_facts(0, -1, 100))

        slow, fast = list(everything[:0]), list(everything[:0])
        for _ in range(10):
            slow += await log.read_facts(0, slow[-1].offset if slow else -1, 3)
            fast += await log.read_facts(0, fast[-1].offset if fast else -1, 5)

        assert slow == everything[:30]
        assert fast == everything


@awaited
async def test_a_replay_is_read_once(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        assert isinstance(log, KafkaLog)
        await log.publish(PROJECTION, 0, [closed(number) for number in (100, 200, 300)])
        await log.publish(PROJECTION, 0, [closed(number) for number in (200, 300, 400)])
        await log.publish("second", 0, [closed(250)])

        assert await sequences(log, -1) == [100, 200, 300, 400]
        async with reader_of(kafka) as reader:
            assert await sequences(reader, 200) == [300, 400]


@awaited
async def test_readers_of_outputs_go_on_each_where_it_was_and_back(kafka: KafkaLogBackend) -> None:
    numbers = list(range(0, 12_000, 10))
    async with opened(kafka) as log:
        assert isinstance(log, KafkaLog)
        await log.publish(PROJECTION, 0, [closed(number) for number in numbers])

        early, late, found = -1, 8_000, list[int]()
        while some := await sequences(log, early, 70):
            found += some
            early = some[-1]
            beside = await sequences(log, late, 30)
            assert beside == numbers[late // 10 + 1 :][:30]
            late = beside[-1] if beside else late

        assert found == numbers
        assert await sequences(log, 2_005, 2) == [2_010, 2_020], "what was read can be read again"
        assert await sequences(log, numbers[-1]) == []


@awaited
async def test_what_is_published_later_is_read_then(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log, reader_of(kafka) as reader:
        assert await sequences(reader, -1) == []
        await log.publish(PROJECTION, 0, [closed(100)])
        assert await sequences(reader, -1) == [100]
        await log.publish(PROJECTION, 0, [closed(200)])
        assert await sequences(reader, 100) == [200]


@awaited
async def test_waiting_ends_when_outputs_that_are_read_grow(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log, reader_of(kafka) as reader:
        assert await sequences(reader, -1) == []
        for number in range(1, 6):
            waiting = asyncio.create_task(until_read(reader, number))
            await log.publish(PROJECTION, 0, [closed(number)])
            await asyncio.wait_for(waiting, 5)


async def until_read(log: KafkaLog, sequence: int) -> None:
    """Wait as a learner does: look, then wait for more."""
    while await sequences(log, sequence - 1) != [sequence]:
        await log.wait_for_more()


@awaited
async def test_waiting_ends_when_control_grows(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log, reader_of(kafka) as reader:
        for day in range(DAY, DAY + 4):
            opening = asyncio.create_task(log.advance(day))
            while reader.head is None or reader.head.open_day != day:
                await asyncio.wait_for(reader.wait_for_more(), 5)
            await opening


@awaited
async def test_a_projection_that_another_process_creates_is_let_speak_by_the_writer(
    kafka: KafkaLogBackend,
) -> None:
    writer = await kafka.open()
    try:
        await writer.create(LOG, ClockMode.LOG)
        async with reader_of(kafka) as profiles:
            await profiles.create_projection(CREATED)
            while profiles.head is None or profiles.head.projection() is None:
                await profiles.wait_for_more()

            assert profiles.head.projection() == CREATED.projection
            assert await partition_words(profiles) == ["live"]
    finally:
        await writer.close()


@awaited
async def test_of_two_that_decide_at_once_the_first_one_stands_everywhere(
    kafka: KafkaLogBackend,
) -> None:
    async with opened(kafka) as log, reader_of(kafka) as one, reader_of(kafka) as two:
        await asyncio.gather(
            one.decide_model(decided(DAY)), two.decide_model(decided(DAY, later=True))
        )
        for each in (one, two, log):
            assert isinstance(each, KafkaLog)
            await each.catch_up()

        heads = [one.head, two.head, log.head]
        assert heads[0] is not None
        (first,) = heads[0].decisions[PROJECTION]
        assert first in (decided(DAY), decided(DAY, later=True))
        assert heads == [heads[0]] * 3
        before = await control_words(one)
        await two.decide_model(ModelDecided(PROJECTION, date_of(DAY), None))
        assert await control_words(one) == before


@awaited
async def test_outputs_letters_and_partitions_need_no_ledger(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log, reader_of(kafka) as profiles:
        await profiles.publish(PROJECTION, 0, [placed(100)])
        await profiles.bury([LETTER])

        assert await sequences(profiles, -1, topic=SIGNALS) == [100]
        assert await kafka.letters(log) == [LETTER]
        assert profiles.partitions == 1


@awaited
async def test_without_topics_a_log_says_which_command_makes_them(kafka: KafkaLogBackend) -> None:
    elsewhere = kafka.settings.model_copy(update={"topic_prefix": "nobody."})

    with pytest.raises(TopicMissingError, match=r"nobody\.crm\.\w+.*holdfast topics apply"):
        await KafkaLog.open(elsewhere, StoppedClock())


@awaited
async def test_without_brokers_a_log_says_where_it_looked(kafka: KafkaLogBackend) -> None:
    elsewhere = kafka.settings.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})

    with pytest.raises(LogUnreadableError, match=r"127\.0\.0\.1:1"):
        await KafkaLog.open(elsewhere, StoppedClock())


@awaited
async def test_an_append_whose_caller_gives_up_is_carried_through(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.begin_import("i1", 1)
        appending = asyncio.create_task(log.append([order("anna", DAY)], "i1", 1))
        await asyncio.sleep(0)
        appending.cancel()
        await asyncio.wait([appending])

        assert list(await log.append([order("anna", DAY)], "i1", 1)) == [Duplicate()]
        assert (await partition_words(log)).count(f"order anna {DAY}") == 1
