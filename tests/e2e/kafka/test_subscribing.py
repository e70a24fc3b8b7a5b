"""A consumer that is written from docs/subscribing.md alone: the page's own, run as it stands there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from events import codec
from events.catalogue import PROFILES, SIGNALS, SNAPSHOTS
from events.marks import Emission
from events.signals import StandingEnded
from events.values import CustomerId
from infra.kafka.broker import Broker
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka_producing import MessagePublisher
from infra.log.kafka_records import Message, output_message
from infra.log.records import Output
from schemas.topic_files import read_topics
from tests.support.kafka_topics import delete_topics
from tests.support.world import awaited

PAGE = (Path(__file__).parents[3] / "docs/subscribing.md").read_text("utf-8")
PREFIX = "subscribed."  # what others write to crm.signals in their tests is no CloudEvent
PROJECTION = "subscribed-1"
PARTITION = 5


def said(sequence: int, customer: str | None = None) -> Message:
    output = Output(
        SIGNALS,
        sequence,
        "crm.standing.ended.v1",
        None if customer is None else CustomerId(customer),
        0,
        Emission.LIVE,
        codec.encode(StandingEnded(PARTITION, sequence)),
    )
    return output_message(PROJECTION, PARTITION, output)


@pytest.fixture
def sent(bare_broker: Broker) -> Iterator[MessagePublisher]:
    """Publishes as profiles do, to topics and with rights as the files say."""
    admin = _settings(bare_broker, "admin")
    TopicsAsCode(read_topics(), admin).apply()
    try:
        yield MessagePublisher(_settings(bare_broker, "profiles"))
    finally:
        delete_topics(admin, [TopicNames(PREFIX).of(topic.name) for topic in read_topics()])


@pytest.fixture
def consume(bare_broker: Broker, tmp_path: Path) -> "Consume":
    return Consume(_settings(bare_broker, "ops"), tmp_path)


def _settings(broker: Broker, user: str) -> KafkaSettings:
    return broker.settings(user).model_copy(update={"topic_prefix": PREFIX})


class Consume:
    """Runs the page's program as somebody who may only read, and returns what it prints."""

    def __init__(self, settings: KafkaSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        (folder / "consumer.py").write_text(code, "utf-8")

    def __call__(self) -> list[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "TOPIC": TopicNames(self._settings.topic_prefix).of(SIGNALS),
            "BROKERS": self._settings.bootstrap_servers,
            "PROTOCOL": self._settings.security_protocol.value,
            "KAFKA_USER": str(self._settings.sasl_user),
            "KAFKA_PASSWORD": self._settings.password,
        }
        done = subprocess.run(
            [sys.executable, "consumer.py"],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if f"'partition': {PARTITION}" in line]


@awaited
async def test_each_signal_is_seen_once_over_copies_and_restarts(
    sent: MessagePublisher, consume: Consume
) -> None:
    try:
        await sent.publish([said(1), said(2, "ab" * 16)])
        await sent.publish([said(1), said(2, "ab" * 16)])  # a copy
        first = consume()
        await sent.publish([said(2, "ab" * 16), said(3)])
        second = consume()
    finally:
        await sent.close()

    assert [line[-2] for line in first] == ["1", "2"]
    assert first[1].startswith(f"crm.standing.ended.v1 live {'ab' * 16} ")
    assert [line[-2] for line in second] == ["3"]


def test_what_the_page_says_of_topics_is_so() -> None:
    rows = dict(re.findall(r"^\| `(crm\.[\w-]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))

    keys = {topic.name: topic.key.replace("_", " ") for topic in read_topics()}
    assert {name: key.strip() for name, key in rows.items()} == {
        name: key for name, key in keys.items() if name != "crm.intake"
    }
    assert {SIGNALS, PROFILES, SNAPSHOTS} <= set(rows)


def test_what_the_page_refers_to_is_there() -> None:
    for path in re.findall(r"`(schemas/[\w./-]+)`", PAGE):
        assert (Path(__file__).parents[3] / path).exists(), path
