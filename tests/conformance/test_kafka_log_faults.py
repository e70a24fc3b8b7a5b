"""The log on Kafka when writers take over, Redis forgets, and brokers do not answer."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.catalogue import FACTS
from events.control import SourceScheduled
from infra.kafka.settings import KafkaSettings
from infra.log import kafka_catching_up, kafka_transactions
from infra.log.kafka import KafkaLog
from infra.log.port import EventLog, LogUnavailableError
from infra.log.records import Appended, Duplicate
from infra.log.redis_ledger import LedgerChange, RedisLedger
from infra.log.writers import LedgerAheadError, WriterFencedError
from tests.conformance.backends import opened
from tests.conformance.kafka_faults import (
    last_second_lost,
    ledger_of,
    lose_answers_of_commits,
    lose_ledger_writes,
    other_writer,
)
from tests.conformance.kafka_log import KafkaLogBackend
from tests.conformance.test_log_feeds import feed_words
from tests.support.given import DAY, order, usage
from tests.support.kafka_broker import broker_in
from tests.support.kafka_logs import forget_ledger, open_log
from tests.support.kafka_topics import make_anew, own_topics
from tests.support.marks import control_words, partition_words
from tests.support.redis_server import RedisServer, redis_in
from tests.support.world import awaited

ANNA, BERT, CARL = (order(name, DAY) for name in ("anna", "bert", "carl"))


@pytest.fixture
def kafka(request: pytest.FixtureRequest, tmp_path: Path) -> KafkaLogBackend:
    return KafkaLogBackend(tmp_path, request)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis to kill."""
    server = redis_in(tmp_path)
    server.start()
    yield server
    server.stop()


async def ids(log: EventLog) -> list[str]:
    """The facts that stand, by their ids."""
    return [word for word in await partition_words(log) if word.startswith("order")]


@awaited
async def test_a_second_writer_fences_the_first_one_for_good(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as first:
        await first.append([ANNA])
        async with opened(kafka) as second:
            for _ in range(2):
                with pytest.raises(WriterFencedError, match="another ingest has taken over"):
                    await first.append([BERT])
            with pytest.raises(WriterFencedError):
                await first.advance(DAY + 1)

            assert list(await second.append([ANNA])) == [Duplicate()]
            (outcome,) = await second.append([BERT])
            assert isinstance(outcome, Appended)
            assert await ids(second) == [ANNA.id, BERT.id]


@awaited
async def test_kafka_itself_fences_a_writer_that_redis_knows_nothing_of(
    kafka: KafkaLogBackend,
) -> None:
    async with opened(kafka) as log:
        await log.append([ANNA])
        before = await partition_words(log), await control_words(log)
        other_writer(kafka.settings)

        for _ in range(2):
            with pytest.raises(WriterFencedError):
                await log.append([order("bert", DAY + 1)])

        assert (await partition_words(log), await control_words(log)) == before


@awaited
async def test_what_a_zombie_left_open_never_stands(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.append([ANNA])
    zombie = other_writer(kafka.settings)
    zombie.begin_transaction()
    zombie.produce(kafka.settings.topic_prefix + "crm.facts", b"half", partition=0)
    zombie.flush()

    async with opened(kafka) as log:
        (outcome,) = await log.append([BERT])

        assert await ids(log) == [ANNA.id, BERT.id]
        assert isinstance(outcome, Appended)
        assert outcome.offset == await log.end_offset(0)


@awaited
async def test_a_writer_killed_between_kafka_and_redis_knows_its_facts_when_it_is_back(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kafka) as log:
        with monkeypatch.context() as killed:
            lose_ledger_writes(killed)
            (outcome,) = await log.append([ANNA])
            assert isinstance(outcome, Appended), "it stands, so that is the truth"

    async with opened(kafka) as log:
        assert list(await log.append([ANNA])) == [Duplicate()]
        assert await ids(log) == [ANNA.id]


@awaited
async def test_an_import_killed_there_goes_on_behind_what_stands(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kafka) as log:
        await log.begin_import("i1", 3)
        await log.append([ANNA], "i1", 1)
        with monkeypatch.context() as killed:
            lose_ledger_writes(killed)
            await log.append([BERT], "i1", 2)

    async with opened(kafka) as log:
        assert await log.begin_import("i1", 3) == 2


@awaited
async def test_an_import_begun_anew_counts_from_nothing_also_without_redis(
    kafka: KafkaLogBackend,
) -> None:
    async with opened(kafka) as log:
        await log.begin_import("i1", 3)
        await log.append([ANNA, BERT], "i1", 2)
        await log.end_import("i1", finished=False)
        await log.begin_import("i1", 3)
    forget_ledger(kafka.redis)

    async with opened(kafka) as log:
        assert await log.begin_import("i1", 3) == 0
        again, new = await log.append([ANNA, CARL], "i1", 2)
        assert again == Duplicate()
        assert isinstance(new, Appended)
    forget_ledger(kafka.redis)

    async with opened(kafka) as log:
        assert await log.begin_import("i1", 3) == 2


@awaited
async def test_what_came_of_an_import_is_counted_though_its_writer_was_killed(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {("shop", "accepted"): 2, ("shop", "late"): 1}
    async with opened(kafka) as log:
        await log.begin_import("i1", 2)
        with monkeypatch.context() as killed:
            lose_ledger_writes(killed)
            await log.end_import("i1", finished=True, tallies=counted)

    for _ in range(2):
        async with opened(kafka) as log:
            assert await kafka.tallies(log) == counted


@awaited
async def test_a_ledger_that_was_wiped_is_made_anew_from_the_log(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.schedule(SourceScheduled("shop", ("data",), 0))
        await log.append([ANNA, usage("anna", DAY, "data", 1.0)])
        forget_ledger(kafka.redis)

        again, new = await log.append([ANNA, BERT])
        assert again == Duplicate()
        assert isinstance(new, Appended)
        await log.advance(DAY + 1)
        assert "+1: data 0 arrived" in await feed_words(log)


@awaited
async def test_a_ledger_that_knows_more_than_the_log_is_refused(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        assert isinstance(log, KafkaLog)
        end = await log.end_offset(0)
        await ledger_of(log).commit(LedgerChange([(ANNA.claim(), ANNA.body_digest())], {0: 99}))

    with pytest.raises(LedgerAheadError, match=f"up to offset 99, and it ends at {end + 2}"):
        await kafka.open()
    forget_ledger(kafka.redis)

    async with opened(kafka) as log:
        (outcome,) = await log.append([ANNA])
        assert isinstance(outcome, Appended)


@pytest.mark.parametrize("first", ["append", "advance"])
def test_facts_that_were_made_anew_are_not_taken_for_the_log(
    kafka: KafkaLogBackend, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_catching_up, "SECONDS_UNTIL_SEEN", 0.1)

    @awaited
    async def scenario() -> None:
        async with opened(kafka) as log:
            await log.append([ANNA, BERT])
            make_anew(kafka.settings, f"{kafka.settings.topic_prefix}{FACTS}")
            for _ in range(2):
                with pytest.raises(LedgerAheadError, match="Restore the one that belongs to it"):
                    await (log.append([CARL]) if first == "append" else log.advance(DAY + 1))

            assert f"day {DAY + 1}" not in await control_words(log)

    scenario()


@awaited
async def test_a_ledger_that_lost_its_last_second_is_brought_up(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.append([ANNA])
        with last_second_lost(kafka.redis):
            await log.append([BERT])

        assert list(await log.append([ANNA, BERT])) == [Duplicate(), Duplicate()]
        assert await log.claimed([BERT.claim()]) == {BERT.claim(): BERT.body_digest()}


@awaited
async def test_without_redis_nothing_is_accepted_and_with_it_nothing_twice(
    kafka: KafkaLogBackend, own_redis: RedisServer
) -> None:
    log = await open_log(kafka.settings, own_redis)
    try:
        await log.create(*kafka.created)
        await log.append([ANNA])
        own_redis.kill()
        own_redis.wipe()

        with pytest.raises(LogUnavailableError, match="Redis does not answer"):
            await log.append([BERT])
        own_redis.start()

        again, new = await log.append([ANNA, BERT])
        assert again == Duplicate()
        assert isinstance(new, Appended)
        assert await ids(log) == [ANNA.id, BERT.id]
    finally:
        await log.close()


@awaited
async def test_a_commit_that_was_not_answered_is_told_as_it_came_out(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kafka) as log:
        lose_answers_of_commits(monkeypatch, committed=True)

        (outcome,) = await log.append([ANNA])

        assert outcome == Appended(await log.end_offset(0))
        assert list(await log.append([ANNA])) == [Duplicate()]
        assert await ids(log) == [ANNA.id]


@awaited
async def test_a_commit_that_never_came_about_leaves_nothing(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kafka) as log:
        before = await partition_words(log), await control_words(log), log.head
        lose_answers_of_commits(monkeypatch, committed=False)

        with pytest.raises(LogUnavailableError, match="nothing of it stands"):
            await log.append([ANNA])

        assert (await partition_words(log), await control_words(log), log.head) == before
        (outcome,) = await log.append([ANNA])
        assert isinstance(outcome, Appended)
        assert await ids(log) == [ANNA.id]


@awaited
async def test_an_unanswered_commit_of_a_writer_that_was_fenced_is_told_truly_too(
    kafka: KafkaLogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kafka) as log:
        assert isinstance(log, KafkaLog)
        lose_answers_of_commits(monkeypatch, committed=True)
        reopen = kafka_transactions.TransactionalProducer.open

        def fenced_meanwhile(producer: kafka_transactions.TransactionalProducer) -> None:
            producer.is_fenced = True
            reopen(producer)

        monkeypatch.setattr(kafka_transactions.TransactionalProducer, "open", fenced_meanwhile)

        (outcome,) = await log.append([ANNA])

        assert outcome == Appended(await log.end_offset(0))
        with pytest.raises(WriterFencedError):
            await log.append([BERT])


@awaited
async def test_counters_outlive_a_change_of_writers(kafka: KafkaLogBackend) -> None:
    async with opened(kafka) as log:
        await log.count({("shop", "accepted"): 3})
    async with opened(kafka) as log:
        assert isinstance(log, KafkaLog)
        await log.count({("shop", "accepted"): 1})

        assert isinstance(ledger_of(log), RedisLedger)
        assert await kafka.tallies(log) == {("shop", "accepted"): 4}


def test_a_broker_that_stops_takes_nothing_with_it(
    tmp_path: Path, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_transactions, "SECONDS_TO_DELIVER", 1.5)
    broker = broker_in(tmp_path)
    broker.prepare()
    broker.start()
    forget_ledger(redis_server)

    async def scenario(settings: KafkaSettings) -> None:
        log = await open_log(settings, redis_server)
        try:
            await log.create(*KafkaLogBackend.created)
            await log.append([ANNA])
            await asyncio.to_thread(broker.stop)
            with monkeypatch.context() as hurried:
                hurried.setattr(kafka_transactions, "SECONDS_TO_OPEN", 1.0)
                hurried.setattr(kafka_transactions, "SECONDS_TO_ABORT", 0.5)
                for fact in (BERT, CARL):
                    with pytest.raises(LogUnavailableError, match="the brokers at"):
                        await log.append([fact])
            await asyncio.to_thread(broker.start)

            again, new = await log.append([ANNA, BERT])
            assert again == Duplicate()
            assert isinstance(new, Appended)
            assert await ids(log) == [ANNA.id, BERT.id]
        finally:
            await log.close()

    try:
        with own_topics(broker) as settings:
            asyncio.run(scenario(settings))
    finally:
        broker.stop()
