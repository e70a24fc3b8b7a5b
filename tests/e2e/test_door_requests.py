"""What a sender is told, by literal requests to a live server: all that is right, all that is wrong."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import StandingClock

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoorServer]:
    """A server whose day is the 14th of March 2026, noon."""
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    folder: Path = tmp_path_factory.mktemp("door")
    with running_door(folder, clock) as running:
        yield running


def usage(event_id: str, time: str = "2026-03-14T09:26:53Z", value: str = "1.5") -> str:
    return (
        f'{{"specversion":"1.0","id":"{event_id}","source":"billing",'
        f'"type":"crm.usage.recorded.v1","time":"{time}",'
        '"data":{"customer":{"system":"billing","key":"17850"},"service":"mobile-data",'
        f'"quantity":{{"value":{value},"unit":"GB"}}}}}}'
    )


def post(door: DoorServer, body: str | bytes, content_type: str = STRUCTURED) -> httpx.Response:
    headers = {"content-type": content_type}
    return httpx.post(f"{door.url}/v1/events", content=body, headers=headers, timeout=30)


def problem_of(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, reason and field of an answer that is problem details, all of them in order."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:holdfast:problem:{problem['reason']}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["mend"]
    return answer.status_code, problem["reason"], problem["field"]


def test_an_event_in_structured_mode_is_accepted(door: DoorServer) -> None:
    answer = post(door, usage("s-1"))

    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "accepted"}


def test_the_same_event_again_is_a_duplicate(door: DoorServer) -> None:
    post(door, usage("s-2"))

    answer = post(door, usage("s-2"))

    assert answer.status_code == 202
    assert answer.json() == {"status": "duplicate"}


def test_the_same_name_with_another_body_is_a_conflict(door: DoorServer) -> None:
    post(door, usage("s-3"))

    answer = post(door, usage("s-3", value="1.6"))

    assert problem_of(answer) == (409, "conflict", "$.id")


CE = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "b-1",
    "ce-source": "shop",
    "ce-type": "crm.order.placed.v1",
    "ce-time": "2026-03-14T09:26:53Z",
}
ORDER = (
    '{"customer":{"system":"shop","key":"17850"},"order_id":"536365",'
    '"total":{"amount":13912,"currency":"GBP"}}'
)


def post_binary(door: DoorServer, body: str | bytes = ORDER, **changes: str) -> httpx.Response:
    headers = CE | {name.replace("_", "-"): value for name, value in changes.items()}
    return httpx.post(f"{door.url}/v1/events", content=body, headers=headers)


def test_an_event_in_binary_mode_is_accepted(door: DoorServer) -> None:
    assert post_binary(door).json() == {"status": "accepted"}


def test_the_same_event_in_another_mode_is_a_duplicate(door: DoorServer) -> None:
    post_binary(door, ce_id="caf%C3%A9")

    answer = post(
        door,
        '{"specversion":"1.0","id":"caf\u00e9","source":"shop","type":"crm.order.placed.v1",'
        f'"time":"2026-03-14T09:26:53+00:00","data":{ORDER}}}',
    )

    assert answer.json() == {"status": "duplicate"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ce_time", "2026-03-14T09:26:53", (422, "invalid", "ce-time")),
        ("ce_time", "9999-12-31T23:59:59Z", (422, "future", "ce-time")),
        ("ce_time", "2025-12-12T23:59:59Z", (422, "too-late", "ce-time")),
        ("ce_time", "1066-10-14T09:00:00Z", (422, "too-old", "ce-time")),
        ("ce_specversion", "0.3", (422, "invalid", "ce-specversion")),
        ("ce_type", "crm.order.placed.v9", (422, "unknown-type", "ce-type")),
        ("ce_source", "%FF%FE", (400, "malformed", "ce-source")),
        ("content_type", "text/csv", (415, "media-type", "content-type")),
        ("content_type", "application/json; charset=utf-16", (415, "media-type", "content-type")),
    ],
)
def test_a_wrong_header_is_named(
    door: DoorServer, name: str, value: str, told: tuple[int, str, str]
) -> None:
    assert problem_of(post_binary(door, **{name: value})) == told


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_a_missing_header_is_named(door: DoorServer, name: str) -> None:
    headers = {key: value for key, value in CE.items() if key != f"ce-{name}"}

    answer = httpx.post(f"{door.url}/v1/events", content=ORDER, headers=headers)

    assert problem_of(answer) == (400, "missing", f"ce-{name}")


def test_json_without_any_ce_header_is_told_what_is_missing(door: DoorServer) -> None:
    answer = post(door, ORDER, "application/json")

    assert problem_of(answer) == (400, "missing", "ce-specversion")


def test_a_request_without_content_type_is_refused(door: DoorServer) -> None:
    answer = httpx.post(f"{door.url}/v1/events", content=usage("s-4"))

    assert problem_of(answer) == (415, "media-type", "content-type")


EVENT = usage("bad-1")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", (400, "malformed", "$"), id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\xff", (400, "malformed", "$"), id="garbage"),
        pytest.param(EVENT[:-7], (400, "malformed", "$"), id="truncated"),
        pytest.param(EVENT + EVENT, (400, "malformed", "$"), id="two events"),
        pytest.param(b"[" * 500_000, (422, "invalid", "$"), id="an array"),
        pytest.param(
            EVENT.replace("1.5", "[" * 100_000 + "]" * 100_000),
            (400, "malformed", "$"),
            id="deep nesting",
        ),
        pytest.param(
            EVENT.encode().replace(b"17850", b"178\xff50"),
            (400, "malformed", "$"),
            id="invalid UTF-8",
        ),
        pytest.param(EVENT.replace("1.5", "NaN"), (400, "malformed", "$"), id="NaN"),
        pytest.param(EVENT.replace("1.5", "-Infinity"), (400, "malformed", "$"), id="infinity"),
        pytest.param(
            EVENT.replace("1.5", "1e999"), (422, "invalid", "$.data.quantity.value"), id="1e999"
        ),
        pytest.param(
            EVENT.replace("1.5", "-1.5"), (422, "invalid", "$.data.quantity.value"), id="negative"
        ),
        pytest.param(
            EVENT.replace("1.5", '"1.5"'), (422, "invalid", "$.data.quantity.value"), id="text"
        ),
        pytest.param(
            EVENT.replace('"17850"', "17850"), (422, "invalid", "$.data.customer.key"), id="number"
        ),
        pytest.param(
            EVENT.replace('"key"', '"k"'), (422, "invalid", "$.data.customer.k"), id="unknown field"
        ),
        pytest.param(
            EVENT.replace('"key":"17850"', '"system":"billing"'),
            (422, "invalid", "$.data.customer.key"),
            id="missing field",
        ),
        pytest.param(EVENT.replace("2026-", "9999-"), (422, "future", "$.time"), id="year 9999"),
        pytest.param(EVENT.replace("T09:", "T13:"), (422, "future", "$.time"), id="this afternoon"),
        pytest.param(EVENT.replace("2026-", "0001-"), (422, "too-old", "$.time"), id="year 1"),
        pytest.param(EVENT.replace("2026-", "2024-"), (422, "too-late", "$.time"), id="2024"),
        pytest.param(EVENT.replace("53Z", "53"), (422, "invalid", "$.time"), id="naive time"),
        pytest.param(EVENT.replace('"time"', '"at"'), (400, "missing", "$.time"), id="no time"),
        pytest.param(EVENT.replace('"data"', '"d"'), (400, "missing", "$.data"), id="no data"),
        pytest.param(
            EVENT.replace('"1.0"', '"0.3"'), (422, "invalid", "$.specversion"), id="specversion"
        ),
        pytest.param(
            EVENT.replace("recorded.v1", "recorded.v2"), (422, "unknown-type", "$.type"), id="type"
        ),
        pytest.param(
            EVENT.replace("crm.usage.recorded.v1", "crm.day.opened.v1"),
            (422, "unknown-type", "$.type"),
            id="a mark of ours",
        ),
        pytest.param(
            EVENT[:-1] + ',"data_base64":"AA=="}', (422, "invalid", "$.data_base64"), id="base64"
        ),
        pytest.param(
            EVENT[:-1] + ',"datacontenttype":"text/xml"}',
            (415, "media-type", "$.datacontenttype"),
            id="declared as XML",
        ),
        pytest.param(
            f'{{"specversion":"1.0","id":"eur-1","source":"shop","type":"crm.order.placed.v1",'
            f'"time":"2026-03-14T09:26:53Z","data":{ORDER.replace("GBP", "EUR")}}}',
            (422, "wrong-currency", "$.data.total.currency"),
            id="euros",
        ),
    ],
)
def test_bad_input_gets_an_answer_that_names_field_and_reason(
    door: DoorServer, body: str | bytes, told: tuple[int, str, str]
) -> None:
    assert problem_of(post(door, body)) == told


def test_what_comes_too_late_is_kept_and_the_answer_says_where(door: DoorServer) -> None:
    first = post(door, usage("late-1", "2025-12-12T23:59:59Z")).json()
    again = post(door, usage("late-1", "2025-12-12T23:59:59Z")).json()

    assert first["dead_letter"] == again["dead_letter"]
    assert first["detail"] == "92 days before the open day 2026-03-14; the limit is 91"


def test_other_methods_are_not_allowed(door: DoorServer) -> None:
    answer = httpx.get(f"{door.url}/v1/events")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
