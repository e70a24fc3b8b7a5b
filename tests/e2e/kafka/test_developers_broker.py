"""The broker of a developer: found again by its folder, stopped by its id, and it keeps its data."""

import socket
import sys
from pathlib import Path

import pytest

from infra.kafka import __main__ as script
from infra.kafka.broker import Broker, BrokerFailedError
from infra.kafka.settings import KafkaSettings
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from tests.support.kafka_broker import ContainerBroker, broker_in
from tests.support.kafka_clients import read, write


@pytest.fixture
def local_broker(odd_broker: Broker) -> Broker:
    if isinstance(odd_broker, ContainerBroker):
        pytest.skip("the broker runs in a container, not as a process of this machine")
    return odd_broker


def test_stopped_by_another_process_and_started_again_it_holds_what_it_held(
    local_broker: Broker,
) -> None:
    own: KafkaSettings = local_broker.settings("ingest")
    TopicsAsCode(read_topics(), own).apply()
    offset = write(own, "crm.facts", b"before the stop")

    Broker(local_broker.folder.path).stop()
    assert not local_broker.is_running()
    local_broker.start()

    assert [record.value for record in read(own, "crm.facts", offset)] == [b"before the stop"]


def test_starting_one_that_runs_changes_nothing(local_broker: Broker) -> None:
    before = local_broker.folder.pid.read_text("utf-8")

    Broker(local_broker.folder.path).start()

    assert local_broker.folder.pid.read_text("utf-8") == before


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", ["infra.kafka", *map(str, arguments)])
    script.main()


def test_the_script_says_how_to_sign_in(
    local_broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "env", "--folder", local_broker.folder.path, "--user", "ops")

    assert capsys.readouterr().out == script.environment(local_broker.settings("ops"))


def test_the_script_says_that_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "env", "--folder", tmp_path)

    assert ended.value.code == 2
    assert capsys.readouterr().err == f"no broker runs in {tmp_path}; start it\n"


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    broker = broker_in(tmp_path)
    if isinstance(broker, ContainerBroker):
        pytest.skip("the broker runs in a container, not as a process of this machine")
    broker.prepare()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", broker.folder.identity().ports.local))
        taken.listen()

        with pytest.raises(BrokerFailedError, match=r"(?s)ended:.*Address already in use"):
            broker.start()

    assert not broker.is_running()
