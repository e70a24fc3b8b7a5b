"""What 202 promises, and what a sender is told while the log cannot take anything."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import StandingClock

CLOCK = StandingClock("2026-03-14T12:00:00+00:00")


@pytest.fixture
def door(tmp_path: Path) -> Iterator[DoorServer]:
    with running_door(tmp_path, CLOCK) as running:
        yield running


def post(
    door: DoorServer,
    event_id: str,
    time: str = "2026-03-14T09:26:53Z",
    client: httpx.Client | None = None,
) -> httpx.Response:
    event = (
        f'{{"specversion":"1.0","id":"{event_id}","source":"billing",'
        f'"type":"crm.usage.recorded.v1","time":"{time}",'
        '"data":{"customer":{"system":"billing","key":"17850"},"service":"mobile-data",'
        '"quantity":{"value":1.5,"unit":"GB"}}}'
    )
    headers = {"content-type": "application/cloudevents+json"}
    url = f"{door.url}/v1/events"
    if client is not None:
        return client.post(url, content=event, headers=headers, timeout=30)
    return httpx.post(url, content=event, headers=headers, timeout=30)


def rows_of(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What stands on the disk, as another process reads it."""
    connection = sqlite3.connect(folder / "log.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def facts_in(folder: Path) -> list[object]:
    """The ids of the facts on the disk."""
    query = "SELECT id FROM facts WHERE customer_id IS NOT NULL ORDER BY offset"
    return [event_id for (event_id,) in rows_of(folder, query)]


def test_what_was_accepted_is_on_the_disk_when_the_answer_comes(
    door: DoorServer, tmp_path: Path
) -> None:
    assert post(door, "u-1").status_code == 202

    assert facts_in(tmp_path) == ["u-1"]


def test_every_event_of_many_connections_stands_once(tmp_path: Path) -> None:
    ids = [f"u-{number}" for number in range(200)]
    with (
        running_door(tmp_path, CLOCK) as door,
        httpx.Client() as client,
        ThreadPoolExecutor(max_workers=16) as senders,
    ):
        answers = senders.map(lambda event_id: post(door, event_id, client=client), [*ids, *ids])
        statuses = [answer.json()["status"] for answer in answers]

    assert sorted(statuses) == ["accepted"] * 200 + ["duplicate"] * 200
    assert set(facts_in(tmp_path)) == set(ids)
    assert len(facts_in(tmp_path)) == 200


def test_while_an_import_has_the_log_senders_are_asked_to_come_back(door: DoorServer) -> None:
    door.wait_for(door.log.begin_import("imp-7", 100))

    single = post(door, "u-1")
    batch = httpx.post(
        f"{door.url}/v1/events",
        content="[1,2]",
        headers={"content-type": "application/cloudevents-batch+json"},
    )

    for answer in (single, batch):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "10"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "urn:holdfast:problem:suspended",
            "title": "An import has the log for itself",
            "status": 503,
            "detail": "import imp-7 is under way and nothing else is let in",
            "field": "$",
            "reason": "suspended",
            "mend": "send the request again after the time in Retry-After",
        }


def test_after_the_import_the_same_request_is_accepted(door: DoorServer) -> None:
    door.wait_for(door.log.begin_import("imp-7", 100))
    assert post(door, "u-1").status_code == 503
    door.wait_for(door.log.end_import("imp-7", finished=True))

    assert post(door, "u-1").json() == {"status": "accepted"}


def test_while_the_log_cannot_write_nothing_is_acknowledged(
    door: DoorServer, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = post(door, "u-1")
    other.execute("ROLLBACK")
    other.close()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert answer.json()["type"] == "urn:holdfast:problem:log-unavailable"
    assert post(door, "u-1").json() == {"status": "accepted"}
    assert facts_in(tmp_path) == ["u-1"]


def test_a_dead_letter_can_be_found_by_the_id_in_the_answer(
    door: DoorServer, tmp_path: Path
) -> None:
    problem = post(door, "late-1", "2025-12-12T00:00:00Z").json()

    kept = rows_of(tmp_path, "SELECT id, source, reason, detail, mend FROM dead_letters")

    assert kept == [
        (problem["dead_letter"], "billing", "too-late", problem["detail"], problem["mend"])
    ]


def test_what_became_of_the_events_is_counted_by_source(door: DoorServer, tmp_path: Path) -> None:
    for event_id in ("u-1", "u-1", "u-2"):
        post(door, event_id)
    post(door, "u-3", "2026-03-13T09:26:53Z")
    post(door, "u-4", "2027-01-01T00:00:00Z")
    httpx.post(f"{door.url}/v1/events", content="x", headers={"content-type": "text/csv"})
    door.wait_for(door.intake.flush_counts())

    assert rows_of(tmp_path, "SELECT * FROM tallies ORDER BY source, what") == [
        ("", "media-type", 1),
        ("billing", "accepted", 3),
        ("billing", "duplicate", 1),
        ("billing", "future", 1),
        ("billing", "late", 1),
    ]
