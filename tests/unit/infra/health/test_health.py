"""What a service says of itself, asked over HTTP as a probe asks."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry

from infra.health.board import SECONDS_OF_SILENCE, HealthBoard
from infra.health.figures import WorkerFigures
from infra.health.server import HealthPortError, serving_health


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def board(hand: Hand) -> HealthBoard:
    return HealthBoard(hand)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def url(board: HealthBoard, registry: CollectorRegistry) -> Iterator[str]:
    with serving_health("127.0.0.1", 0, board, registry) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_process_whose_parts_beat_is_live_and_ready(board: HealthBoard, url: str) -> None:
    board.beat("event loop")

    assert httpx.get(f"{url}/health/live").status_code == 200
    assert httpx.get(f"{url}/health/ready").json()["ready"] is True


def test_a_part_that_is_at_work_and_silent_hangs(board: HealthBoard, hand: Hand, url: str) -> None:
    board.beat("partition 3")
    hand.now += SECONDS_OF_SILENCE + 1

    answer = httpx.get(f"{url}/health/live")

    assert answer.status_code == 503
    (part,) = answer.json()["parts"]
    assert (part["part"], part["condition"]) == ("partition 3", "hung")
    assert part["reason"] == "no sign of life for 11 s"


def test_who_waits_is_live_but_not_ready_for_as_long_as_it_takes(
    board: HealthBoard, hand: Hand, url: str
) -> None:
    board.waits("partition 3", "the model of 2011-05-01 is not decided")
    hand.now += 3_600

    assert httpx.get(f"{url}/health/live").status_code == 200
    ready = httpx.get(f"{url}/health/ready")
    assert ready.status_code == 503
    assert ready.json()["parts"][0]["reason"] == "the model of 2011-05-01 is not decided"


def test_a_halted_part_keeps_the_process_from_being_ready_until_it_goes_on(
    board: HealthBoard, url: str
) -> None:
    board.halted("partition 3", "start a release that knows it")
    assert httpx.get(f"{url}/health/ready").status_code == 503

    board.beat("partition 3")
    assert httpx.get(f"{url}/health/ready").status_code == 200


def test_a_part_that_left_is_not_missed(board: HealthBoard, hand: Hand) -> None:
    board.beat("partition 3")
    board.leave("partition 3")
    hand.now += SECONDS_OF_SILENCE + 1

    assert board.report().live
    assert board.report().parts == ()


def test_figures_are_shown_as_prometheus_reads_them(
    registry: CollectorRegistry, board: HealthBoard, url: str
) -> None:
    figures = WorkerFigures(registry)
    figures.facts.labels("3").inc(5)
    figures.lag_events.labels("3").set(7)

    shown = httpx.get(f"{url}/metrics").text

    assert 'holdfast_facts_folded_total{partition="3"} 5.0' in shown
    assert 'holdfast_lag_events{partition="3"} 7.0' in shown


def test_another_path_is_told_which_there_are(url: str) -> None:
    answer = httpx.get(f"{url}/health")

    assert answer.status_code == 404
    assert "/health/ready" in answer.json()["paths"]


def test_a_port_that_is_taken_is_refused_by_name(
    board: HealthBoard, registry: CollectorRegistry, url: str
) -> None:
    port = int(url.rpartition(":")[2])

    with (
        pytest.raises(HealthPortError, match="HOLDFAST_HEALTH_PORT"),
        serving_health("127.0.0.1", port, board, registry),
    ):
        pass
