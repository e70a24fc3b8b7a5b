"""Fetches that are asked for at one moment: each is answered as if it had been asked for alone."""

import asyncio
from collections.abc import Iterator, Sequence
from unittest.mock import patch

import pytest
from aiokafka.client import AIOKafkaClient

from events.catalogue import SNAPSHOTS
from infra.kafka.broker import Broker
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetching import BYTES_A_FETCH, Fetched, KafkaFetcher
from infra.log.kafka_producing import MessagePublisher
from infra.log.kafka_records import Message
from tests.support.kafka_topics import own_topics

PARTITIONS = 5
RECORDS = 20


@pytest.fixture(scope="module")
def settings(bare_broker: Broker) -> Iterator[KafkaSettings]:
    """Topics whose partitions, but for the last one, have records of some size in two batches."""
    with own_topics(bare_broker, PARTITIONS) as made:
        asyncio.run(filled(made))
        yield made


async def filled(settings: KafkaSettings) -> None:
    publisher = MessagePublisher(settings)
    try:
        for batch in range(2):
            value = b"%d" % batch * 1_000
            messages = [
                Message(SNAPSHOTS, partition, None, value, [])
                for partition in range(PARTITIONS - 1)
                for _ in range(RECORDS)
            ]
            await publisher.publish(messages)
    finally:
        await publisher.close()


Asked = Sequence[tuple[int, int]]


async def asked(settings: KafkaSettings, places: Asked, max_bytes: int, *, at_once: bool) -> object:
    """What comes of fetches from (partition, offset), and how many requests they took."""
    fetcher = await KafkaFetcher.open(settings)
    try:
        with patch.object(
            AIOKafkaClient, "send", autospec=True, side_effect=AIOKafkaClient.send
        ) as sent:
            fetches = [fetcher.fetch(SNAPSHOTS, *place, max_bytes=max_bytes) for place in places]
            if at_once:
                found = await asyncio.gather(*fetches)
            else:
                found = [await fetch for fetch in fetches]
        return found, sent.call_count
    finally:
        await fetcher.close()


EVERYWHERE = [(0, 0), (1, 7), (2, 14), (3, 21), (4, 0)]
TWICE = [(0, 0), (1, 3), (0, 25), (1, 3)]


@pytest.mark.parametrize(
    ("places", "max_bytes", "requests"),
    [(EVERYWHERE, BYTES_A_FETCH, 1), (TWICE, BYTES_A_FETCH, 2), (EVERYWHERE, 1, 4)],
    ids=["every partition", "a partition twice", "batches larger than was asked for"],
)
def test_what_is_asked_for_at_once_is_answered_as_alone(
    settings: KafkaSettings, places: Asked, max_bytes: int, requests: int
) -> None:
    alone, _ = asyncio.run(asked(settings, places, max_bytes, at_once=False))
    together, sent = asyncio.run(asked(settings, places, max_bytes, at_once=True))

    assert together == alone
    assert sent == requests
    assert all(isinstance(one, Fetched) for one in together)


def test_all_who_asked_together_hear_that_the_brokers_do_not_answer(
    settings: KafkaSettings,
) -> None:
    async def scenario() -> list[object]:
        fetcher = await KafkaFetcher.open(settings)
        try:
            with (
                patch.object(AIOKafkaClient, "send", side_effect=ConnectionResetError("gone")),
                patch("infra.log.kafka_fetching.SECONDS_TO_ANSWER", 0.0),
            ):
                fetches = [fetcher.fetch(SNAPSHOTS, *place) for place in EVERYWHERE]
                return await asyncio.gather(*fetches, return_exceptions=True)
        finally:
            await fetcher.close()

    said = asyncio.run(scenario())

    assert len(said) == PARTITIONS
    assert all("do not answer (gone)" in str(error) for error in said)
