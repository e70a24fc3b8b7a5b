"""Batches against a live server: each event judged for itself, and told apart in the answer."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import StandingClock


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoorServer]:
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    with running_door(tmp_path_factory.mktemp("door"), clock) as running:
        yield running


def usage(event_id: str, time: str = "2026-03-14T09:26:53Z", value: str = "1.5") -> str:
    return (
        f'{{"specversion":"1.0","id":"{event_id}","source":"billing",'
        f'"type":"crm.usage.recorded.v1","time":"{time}",'
        '"data":{"customer":{"system":"billing","key":"17850"},"service":"mobile-data",'
        f'"quantity":{{"value":{value},"unit":"GB"}}}}}}'
    )


def post(door: DoorServer, *events: str) -> httpx.Response:
    return httpx.post(
        f"{door.url}/v1/events",
        content=f"[{','.join(events)}]",
        headers={"content-type": "application/cloudevents-batch+json"},
        timeout=30,
    )


def test_a_batch_of_good_events_is_accepted_event_by_event(door: DoorServer) -> None:
    answer = post(door, usage("g-1"), usage("g-2"))

    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 2,
        "duplicate": 0,
        "results": [
            {"index": 0, "id": "g-1", "source": "billing", "status": "accepted"},
            {"index": 1, "id": "g-2", "source": "billing", "status": "accepted"},
        ],
    }


def test_a_batch_sent_again_is_accepted_as_duplicates(door: DoorServer) -> None:
    post(door, usage("d-1"), usage("d-2"))

    answer = post(door, usage("d-1"), usage("d-2"), usage("d-3"))

    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["duplicate"]) == (1, 2)
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == ["duplicate", "duplicate", "accepted"]


def test_the_same_id_twice_in_a_batch_is_one_fact(door: DoorServer) -> None:
    answer = post(door, usage("t-1"), usage("t-1"))

    assert answer.status_code == 202
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == ["accepted", "duplicate"]


def test_the_good_events_of_a_mixed_batch_stand_and_the_others_are_told(door: DoorServer) -> None:
    answer = post(
        door,
        usage("m-1"),
        usage("m-1", value="9"),
        "17",
        usage("m-2", time="2027-01-01T00:00:00Z"),
        usage("m-3", time="2025-12-12T00:00:00Z"),
        usage("m-4").replace('"time"', '"at"'),
        usage("m-5", value="-1"),
        usage("m-6"),
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == "urn:holdfast:problem:batch"
    assert told["detail"] == "6 of 8 events were refused; the others stand in the log"
    assert (told["accepted"], told["duplicate"], told["refused"]) == (2, 0, 6)
    assert [
        (result["id"], result["status"], result.get("problem", {}).get("reason"))
        for result in told["results"]
    ] == [
        ("m-1", "accepted", None),
        ("m-1", "refused", "conflict"),
        ("", "refused", "invalid"),
        ("m-2", "refused", "future"),
        ("m-3", "refused", "too-late"),
        ("m-4", "refused", "missing"),
        ("m-5", "refused", "invalid"),
        ("m-6", "accepted", None),
    ]
    assert [result["index"] for result in told["results"]] == list(range(8))
    assert len(told["results"][4]["problem"]["dead_letter"]) == 32
    assert told["results"][6]["problem"]["field"] == "$.data.quantity.value"
    again = post(door, usage("m-1"), usage("m-6"))
    assert [result["status"] for result in again.json()["results"]] == ["duplicate"] * 2


def test_a_batch_of_a_thousand_is_accepted(door: DoorServer) -> None:
    answer = post(door, *[usage(f"k-{number}") for number in range(1000)])

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1000
    assert [result["id"] for result in answer.json()["results"]][::333] == [
        "k-0",
        "k-333",
        "k-666",
        "k-999",
    ]


def test_a_batch_of_a_thousand_and_one_is_refused_whole(door: DoorServer) -> None:
    answer = post(door, *[usage(f"x-{number}") for number in range(1001)])

    assert answer.status_code == 413
    assert answer.json()["detail"] == "the batch holds more than 1000 events"
    assert post(door, usage("x-0")).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "status", "reason", "detail"),
    [
        ("[]", 422, "invalid", "the batch holds no event"),
        ("{}", 422, "invalid", "Expected `array`, got `object`"),
        ("[", 400, "malformed", "Input data was truncated"),
        ("", 400, "malformed", "Input data was truncated"),
    ],
)
def test_what_is_no_batch_is_refused(
    door: DoorServer, body: str, status: int, reason: str, detail: str
) -> None:
    answer = httpx.post(
        f"{door.url}/v1/events",
        content=body,
        headers={"content-type": "application/cloudevents-batch+json"},
    )

    assert answer.status_code == status
    assert (answer.json()["reason"], answer.json()["detail"]) == (reason, detail)
    assert answer.json()["field"] == "$"
