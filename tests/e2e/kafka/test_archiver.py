"""The archiver on a real broker and a real PostgreSQL: what is in the log is in the archive, once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, SIGNALS, SNAPSHOTS
from events.control import ClockMode
from events.marks import Emission
from infra.archive.postgres import PostgresArchive
from infra.archive.postgres_about import ArchiveMissingError
from infra.archive.postgres_feed import OtherLogError
from infra.health.board import Condition, HealthBoard
from infra.kafka.broker import Broker
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka import KafkaLog
from infra.log.kafka_records import output_message
from infra.log.records import DeadLetter, Output
from infra.postgres.settings import PostgresSettings
from services.archive.app import Archiver
from services.archive.consuming import CutLogError
from services.ops.place import Cluster, everything_written
from tests.conformance.archives import schema_of
from tests.support.given import DAY, LOG, id_of, order, orders
from tests.support.kafka_logs import forget_ledger, open_log
from tests.support.kafka_topics import own_topics
from tests.support.postgres_server import PostgresServer, postgres_in
from tests.support.redis_server import RedisServer
from tests.support.world import CREATED, NOON, PROJECTION, awaited

PARTITIONS = 3
NAMES = [f"c{number}" for number in range(9)]
LETTER = DeadLetter("aa01", "shop", "invalid", "a \x00 in it", "$.data", "mend", NOON, b"\xff{}")


@pytest.fixture
def kafka(bare_broker: Broker, redis_server: RedisServer) -> Iterator[KafkaSettings]:
    forget_ledger(redis_server)
    with own_topics(bare_broker, PARTITIONS) as settings:
        yield settings


@pytest.fixture
def postgres(postgres_server: PostgresServer, tmp_path: Path) -> PostgresSettings:
    return postgres_server.settings(schema_of(tmp_path))


@asynccontextmanager
async def writing(kafka: KafkaSettings, redis: RedisServer) -> AsyncIterator[KafkaLog]:
    log = await open_log(kafka, redis)
    try:
        if log.head is None:
            await log.create(LOG, ClockMode.LOG)
            await log.create_projection(CREATED)
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def archiving(
    kafka: KafkaSettings,
    postgres: PostgresSettings,
    fed: Callable[[int], None] = lambda _: None,
    board: HealthBoard | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    archiver = Archiver(kafka, postgres, fed, board)
    running = asyncio.create_task(archiver.run())
    try:
        yield running
    finally:
        archiver.stop()
        with contextlib.suppress(OtherLogError, CutLogError):
            await running


@asynccontextmanager
async def archived(
    kafka: KafkaSettings, redis: RedisServer, postgres: PostgresSettings
) -> AsyncIterator[PostgresArchive]:
    """The archive, once it has all that is written now."""
    missing = await everything_written(Cluster(kafka, redis.settings, postgres))
    while True:
        try:
            archive = await PostgresArchive.open(postgres)
        except ArchiveMissingError:
            await asyncio.sleep(0.05)
            continue
        try:
            if not await missing(archive):
                yield archive
                return
        finally:
            await archive.close()
        await asyncio.sleep(0.05)


async def say(log: KafkaLog, partition: int, *sequences: int) -> None:
    """What a projection says of a customer, by these sequences, in signals and in snapshots."""
    outputs = [
        Output(topic, number, "crm.any.v1", id_of("c1"), DAY, Emission.LIVE, b"{}")
        for number in sequences
        for topic in (SIGNALS, SNAPSHOTS)
    ]
    await log.publish(PROJECTION, partition, outputs)


async def same_facts(log: KafkaLog, archive: PostgresArchive) -> int:
    """Compare every record of every partition; return how many there are."""
    count = 0
    for partition in range(PARTITIONS):
        wanted = list(await log.read_facts(partition, -1, 10_000))
        assert [record async for record in archive.facts(partition, -1)] == wanted
        assert all(record.digest == record.computed_digest() for record in wanted)
        fed = await archive.fact_count(partition) + await archive.mark_count(partition)
        assert fed == len(wanted)
        count += len(wanted)
    return count


@awaited
async def test_all_topics_are_archived_as_they_stand(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    async with writing(kafka, redis_server) as log, archiving(kafka, postgres):
        for name in NAMES:
            await log.append(orders(name, DAY, DAY + 1, DAY + 2))
        await say(log, 1, 100, 200)
        await log.bury([LETTER, LETTER, msgspec.structs.replace(LETTER, id="bb02")])

        async with archived(kafka, redis_server, postgres) as archive:
            assert await same_facts(log, archive) > 27
            assert list(await archive.control()) == list(await log.control_records())
            assert await archive.head() == log.head
            assert await archive.customers() == sorted(map(id_of, NAMES))
            own = await archive.slice(id_of("c1"), 1 << 62)
            assert [record.day for record in own] == [DAY, DAY + 1, DAY + 2]
            said = await archive.outputs_of(id_of("c1"), PROJECTION, 1 << 62)
            assert [record.sequence for record in said] == [100, 100, 200, 200]
            assert await archive.dead_letter("aa01") == LETTER
            assert await archive.letter_counts() == {"invalid": 2}


async def say_blindly(kafka: KafkaSettings, partition: int, *sequences: int) -> None:
    """What a zombie says of a customer: without a look at what was said before."""
    producer = AIOKafkaProducer(**connection(kafka).aiokafka, acks="all")
    await producer.start()
    try:
        for number in sequences:
            said = Output(SIGNALS, number, "crm.any.v1", id_of("c1"), DAY, Emission.LIVE, b"{}")
            message = output_message(PROJECTION, partition, said)
            topic = TopicNames(kafka.topic_prefix).of(SIGNALS)
            await producer.send_and_wait(
                topic, message.value, message.key, partition, headers=message.headers
            )
    finally:
        await producer.stop()


@awaited
async def test_what_is_said_again_is_archived_once(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    async with writing(kafka, redis_server), archiving(kafka, postgres):
        await say_blindly(kafka, 0, 100, 200)
        async with archived(kafka, redis_server, postgres) as archive:
            assert len(await archive.newest_outputs(SIGNALS, 10, None)) == 2
        await say_blindly(kafka, 0, 100, 200, 200, 300)
        await say_blindly(kafka, 1, 100)

        async with archived(kafka, redis_server, postgres) as archive:
            found = await archive.newest_outputs(SIGNALS, 10, None)
            places = [(record.partition, record.sequence) for record in found]
            assert sorted(places) == [(0, 100), (0, 200), (0, 300), (1, 100)]


@awaited
async def test_an_archiver_that_was_stopped_goes_on_where_it_was(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    fed: list[int] = []
    async with writing(kafka, redis_server) as log:
        await log.append(orders("c1", DAY, DAY + 1))
        async with (
            archiving(kafka, postgres, fed.append),
            archived(kafka, redis_server, postgres),
        ):
            before = sum(fed)
        await log.append(orders("c2", DAY + 1))
        fed.clear()
        async with (
            archiving(kafka, postgres, fed.append),
            archived(kafka, redis_server, postgres) as archive,
        ):
            await same_facts(log, archive)

    assert before > 5
    assert sum(fed) == 1, "only what came since"


@awaited
async def test_a_server_that_is_killed_is_waited_for_and_nothing_is_archived_twice(
    kafka: KafkaSettings, redis_server: RedisServer, tmp_path: Path
) -> None:
    server = postgres_in(tmp_path)
    server.start()
    fed: asyncio.Queue[int] = asyncio.Queue()
    try:
        async with (
            writing(kafka, redis_server) as log,
            archiving(kafka, server.settings(), fed.put_nowait) as running,
        ):
            await log.append(orders("c1", DAY, DAY + 1))
            await fed.get()
            server.kill()
            for name in NAMES:
                await log.append(orders(name, DAY + 1, DAY + 2))
            assert not running.done()
            await asyncio.to_thread(server.start)

            async with archived(kafka, redis_server, server.settings()) as archive:
                assert await same_facts(log, archive) > 18
    finally:
        server.stop()


@awaited
async def test_a_second_archiver_stands_by_until_the_first_one_ends(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    fed: list[int] = []
    async with writing(kafka, redis_server) as log:
        async with archiving(kafka, postgres):
            await log.append(orders("c1", DAY))
            async with archived(kafka, redis_server, postgres):
                pass
            second = Archiver(kafka, postgres, fed.append)
            standing_by = asyncio.create_task(second.run())
            await log.append(orders("c2", DAY))
            async with archived(kafka, redis_server, postgres):
                assert fed == []
        await log.append(orders("c3", DAY))
        async with archived(kafka, redis_server, postgres) as archive:
            await same_facts(log, archive)
        second.stop()
        await standing_by
    assert sum(fed) == 1


async def forge(
    kafka: KafkaSettings, topic: str, partition: int, key: bytes, **headers: str
) -> int:
    """Write what this product never writes; return its offset."""
    producer = AIOKafkaProducer(**connection(kafka).aiokafka, acks="all")
    await producer.start()
    try:
        named = [(name, value.encode()) for name, value in headers.items()]
        name = TopicNames(kafka.topic_prefix).of(topic)
        return int((await producer.send_and_wait(name, b"{", key, partition, headers=named)).offset)
    finally:
        await producer.stop()


@awaited
async def test_a_partition_stands_still_at_what_cannot_be_read_and_the_others_go_on(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    said = {"ce_type": "crm.any.v1", "ce_sequence": "1", "ce_emission": "live"}
    said |= {"ce_projection": PROJECTION, "ce_partition": "2"}
    async with writing(kafka, redis_server) as log:
        await log.append(orders("c1", DAY))
        found = {
            FACTS: (0, await forge(kafka, FACTS, 0, b"nobody")),
            SIGNALS: (2, await forge(kafka, SIGNALS, 2, b"no id of a customer", **said)),
        }
        await say(log, 2, 100)
        for _ in ("as it comes", "started again"):
            board = HealthBoard()
            async with archiving(kafka, postgres, board=board) as running:
                await eventually(partial(told_of, board, len(found)))
                await log.append([order(name, DAY + 1) for name in NAMES])
                await say_blindly(kafka, 1, 500)
                await eventually(lambda: others_are_archived(log, postgres))
                assert not running.done()

            for part in board.report().parts:
                partition, offset = found[part.part.split()[0]]
                assert part.part.split()[1] == str(partition)
                assert part.condition is Condition.HALTED
                assert f"partition {partition} offset {offset} cannot be read" in part.reason
        archive = await PostgresArchive.open(postgres)
        try:
            positions = await archive.positions()
        finally:
            await archive.close()
    for topic, (partition, offset) in found.items():
        assert positions.get((topic, partition), 0) == offset


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


async def told_of(board: HealthBoard, parts: int) -> bool:
    return len(board.report().parts) == parts


async def others_are_archived(log: KafkaLog, postgres: PostgresSettings) -> bool:
    """Whether partitions 1 and 2 of the facts, and partition 1 of the signals, are all there."""
    archive = await PostgresArchive.open(postgres)
    try:
        for partition in (1, 2):
            there = await archive.fact_count(partition) + await archive.mark_count(partition)
            if there < len(await log.read_facts(partition, -1, 10_000)):
                return False
        return len(await archive.newest_outputs(SIGNALS, 10, None)) == 1
    finally:
        await archive.close()


@awaited
async def test_another_log_is_refused_loudly(
    kafka: KafkaSettings,
    postgres: PostgresSettings,
    redis_server: RedisServer,
    bare_broker: Broker,
) -> None:
    async with (
        writing(kafka, redis_server),
        archiving(kafka, postgres),
        archived(kafka, redis_server, postgres),
    ):
        pass
    with own_topics(bare_broker, PARTITIONS) as elsewhere:
        log = await open_log(elsewhere, redis_server)
        try:
            await log.create(msgspec.structs.replace(LOG, log_id="another"), ClockMode.LOG)
        finally:
            await log.close()

        with pytest.raises(OtherLogError, match=f"holds log {LOG.log_id} of 3 .* has log another"):
            await Archiver(elsewhere, postgres).run()


@awaited
async def test_a_log_that_has_less_than_was_archived_is_refused_loudly(
    kafka: KafkaSettings,
    postgres: PostgresSettings,
    redis_server: RedisServer,
    bare_broker: Broker,
) -> None:
    async with writing(kafka, redis_server) as log, archiving(kafka, postgres):
        for name in NAMES:
            await log.append(orders(name, DAY, DAY + 1))
        async with archived(kafka, redis_server, postgres):
            pass
    forget_ledger(redis_server)
    with own_topics(bare_broker, PARTITIONS) as emptied:
        async with writing(emptied, redis_server):
            pass
        with pytest.raises(
            CutLogError, match=r"crm.facts partition \d was|the log was cut or made"
        ):
            await Archiver(emptied, postgres).run()


@awaited
async def test_an_archiver_waits_for_the_log_to_be_made(
    kafka: KafkaSettings, postgres: PostgresSettings, redis_server: RedisServer
) -> None:
    async with archiving(kafka, postgres) as running:
        await asyncio.sleep(0)
        assert not running.done()
        async with writing(kafka, redis_server) as log:
            await log.bury([LETTER])
            async with archived(kafka, redis_server, postgres) as archive:
                assert await archive.head() == log.head
                positions = await archive.positions()
                assert {topic for topic, _ in positions} == {FACTS, CONTROL, DEAD_LETTERS}
