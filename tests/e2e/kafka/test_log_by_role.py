"""Below a prefix, each service does its part of the log with the rights that `topics apply` gave it."""

from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from events.catalogue import SIGNALS
from events.control import ClockMode
from infra.kafka.broker import Broker
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka import KafkaLog
from infra.log.port import LogUnavailableError
from infra.log.records import Appended
from schemas.topic_files import read_topics
from tests.conformance.test_log_decisions import decided
from tests.conformance.test_log_outputs import placed
from tests.e2e.kafka.conftest import Holdfast
from tests.support.given import DAY, LOG, order
from tests.support.kafka_logs import forget_ledger, open_log
from tests.support.kafka_topics import delete_topics
from tests.support.redis_server import RedisServer
from tests.support.world import CREATED, PROJECTION, StoppedClock, awaited

NORTH = TopicNames("north.")


@pytest.fixture(scope="module")
def north(bare_broker: Broker, admin: KafkaSettings) -> Iterator[Broker]:
    """Topics and rights below a prefix."""
    settings = admin.model_copy(update={"topic_prefix": NORTH.prefix})
    assert TopicsAsCode(read_topics(), settings).apply().left == ()
    yield bare_broker
    delete_topics(admin, [NORTH.of(topic.name) for topic in read_topics()])


def signed_in(broker: Broker, user: str) -> KafkaSettings:
    return broker.settings(user).model_copy(update={"topic_prefix": NORTH.prefix})


def test_the_topics_of_a_prefix_are_made_and_checked_by_it(
    north: Broker, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    assert holdfast(signed_in(north, "ops"), "topics", "check").code == 0

    elsewhere = holdfast(admin, "topics", "plan", TOPIC_PREFIX="south.")
    assert "create south.crm.facts" in elsewhere.out
    assert "WRITE TRANSACTIONAL_ID south.clock" in elsewhere.out


@awaited
async def test_each_service_does_its_part_by_its_own_rights(
    north: Broker, redis_server: RedisServer
) -> None:
    forget_ledger(redis_server)
    async with AsyncExitStack() as opened:
        ingest = await open_log(signed_in(north, "ingest"), redis_server)
        opened.push_async_callback(ingest.close)
        await ingest.create(LOG, ClockMode.LOG)
        profiles, learning, ops = [
            await KafkaLog.open(signed_in(north, user), StoppedClock())
            for user in ("profiles", "learning", "ops")
        ]
        for log in (profiles, learning, ops):
            opened.push_async_callback(log.close)

        await profiles.create_projection(CREATED)
        (outcome,) = await ingest.append([order("anna", DAY)])
        await learning.decide_model(decided(DAY))
        await profiles.publish(PROJECTION, 5, [placed(100)])

        assert isinstance(outcome, Appended)
        await ops.catch_up()
        assert ops.head is not None
        assert (ops.head.open_day, ops.head.decided_up_to(PROJECTION)) == (DAY, DAY)
        (signal,) = await ops.read_outputs(SIGNALS, PROJECTION, 5, -1, 10)
        assert signal.partition == 5
        assert ops.partitions == 64


@awaited
async def test_nobody_but_ingest_becomes_the_writer(
    north: Broker, redis_server: RedisServer
) -> None:
    with pytest.raises(LogUnavailableError, match=r"topics check.*ingest may write"):
        await open_log(signed_in(north, "profiles"), redis_server)


@awaited
async def test_who_may_not_publish_is_told(north: Broker) -> None:
    log = await KafkaLog.open(signed_in(north, "ops"), StoppedClock())
    try:
        for _ in range(2):
            with pytest.raises(LogUnavailableError, match="Kafka did not take it"):
                await log.publish(PROJECTION, 0, [placed(100)])
    finally:
        await log.close()
