"""A consumer that is written from docs/subscribing.md alone: the page's own, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from events import codec
from events.catalogue import PROFILES, SIGNALS, SNAPSHOTS
from events.marks import Emission
from events.signals import StandingEnded
from events.values import CustomerId
from infra.kafka.broker import Broker
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_producing import MessagePublisher
from infra.log.kafka_records import Message, output_message
from infra.log.records import Output
from schemas.topic_files import read_topics
from tests.support.world import awaited

PAGE = (Path(__file__).parents[3] / "docs/subscribing.md").read_text("utf-8")
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
def consume(broker: Broker, tmp_path: Path) -> "Consume":
    return Consume(broker.settings("ops"), tmp_path)


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
    broker: Broker, consume: Consume
) -> None:
    publisher = MessagePublisher(broker.settings("profiles"))
    try:
        await publisher.publish([said(1), said(2, "ab" * 16)])
        await publisher.publish([said(1), said(2, "ab" * 16)])  # a copy
        first = consume()
        await publisher.publish([said(2, "ab" * 16), said(3)])
        second = consume()
    finally:
        await publisher.close()

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
