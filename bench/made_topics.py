"""Topics filled with a made-up firm: ``crm.facts`` as an import fills it, and a plain one for peers.

Every day's model is decided beforehand: the taught one from the second day on. So folding waits for
no learner, and scores as a firm's does that has learned for a year.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import islice

import msgspec
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from bench.kafka_mode import KafkaMode
from bench.synthetic import FIRST_DAY, IDENTITY, Firm, facts_of
from bench.taught import TAUGHT
from domain.customer.fold import CustomerFold
from events.calendar import date_of
from events.control import ClockMode, ModelDecided
from infra.clock import SystemClock
from infra.kafka.admin_connection import AdminConnection
from infra.kafka.connection import connection
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from infra.log.records import Appended, NewFact
from infra.log.redis_ledger import RedisLedger
from infra.redis.connection import open_redis
from infra.stream.release import Release, next_projection

IMPORT_ID = "bench-import"
FACTS_A_BATCH = 2_000
PEERS_TOPIC = "peers"
SECONDS_TO_FLUSH = 60.0


class MadeTopics(msgspec.Struct, frozen=True):
    """What was written, and how fast the log took it."""

    projection: str
    log_id: str
    ends: tuple[int, ...]
    append_rate: float


@asynccontextmanager
async def opened_log(mode: KafkaMode, *, writes: bool = False) -> AsyncIterator[KafkaLog]:
    """Open the log, to read or as its writer."""
    client = await open_redis(mode.redis)
    log = await KafkaLog.open(
        mode.settings(), SystemClock(), RedisLedger(client) if writes else None
    )
    try:
        yield log
    finally:
        await log.close()
        await client.aclose()


async def make_topics(mode: KafkaMode, firm: Firm) -> MadeTopics:
    """Make a log and fill it; claims are taken away again: nobody asks for them here."""
    async with opened_log(mode, writes=True) as log:
        await log.create(IDENTITY, ClockMode.LOG)
        release = Release.of(CustomerFold(IDENTITY.currency))
        created = next_projection(head_of(log), release, FIRST_DAY)
        await log.create_projection(created)
        for day in range(FIRST_DAY + 1, FIRST_DAY + firm.days):
            model = TAUGHT.model if day == FIRST_DAY + 1 else None
            await log.decide_model(ModelDecided(created.projection, date_of(day), model))
        with _peers_topic(mode, log.partitions) as producer:
            seconds = await _append(log, firm, producer)
        ends = [await log.end_offset(number) for number in range(log.partitions)]
    client = await open_redis(mode.redis)
    await client.flushdb()
    await client.aclose()
    return MadeTopics(created.projection, IDENTITY.log_id, tuple(ends), firm.facts / seconds)


async def _append(log: KafkaLog, firm: Firm, producer: Producer) -> float:
    """Append all facts under an import; return the seconds that the log took for it."""
    await log.begin_import(IMPORT_ID, firm.facts)
    seconds, done, facts = 0.0, 0, facts_of(firm)
    while batch := list(islice(facts, FACTS_A_BATCH)):
        done += len(batch)
        begun = time.perf_counter()
        outcomes = await log.append(batch, IMPORT_ID, done)
        seconds += time.perf_counter() - begun
        if not all(isinstance(outcome, Appended) for outcome in outcomes):
            raise ValueError("a fact of the made-up firm was not appended")
        _copy(producer, batch)
    await log.end_import(IMPORT_ID, finished=True)
    return seconds


@contextmanager
def _peers_topic(mode: KafkaMode, partitions: int) -> Iterator[Producer]:
    """A topic of as many partitions, with the same facts and nothing between them."""
    settings = mode.settings()
    admin = AdminConnection(settings).client  # held, for what it was asked ends with it
    new = NewTopic(PEERS_TOPIC, num_partitions=partitions, replication_factor=1)
    admin.create_topics([new])[PEERS_TOPIC].result()
    producer = Producer(
        {**connection(settings).librdkafka, "linger.ms": 20, "compression.type": "lz4"}
    )
    yield producer
    if producer.flush(SECONDS_TO_FLUSH):
        raise TimeoutError("the peers' topic was not written")


def _copy(producer: Producer, facts: list[NewFact]) -> None:
    for fact in facts:
        producer.produce(PEERS_TOPIC, fact.data, key=fact.customer_id)
    producer.flush(SECONDS_TO_FLUSH)
