"""Which trace a fact gets, by whichever way its event came; and what it never changes."""

import asyncio
import json
from collections.abc import Sequence

import msgspec
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from events.tracing import with_trace
from infra.log.memory import MemoryLog
from infra.log.records import FactRecord
from services.ingest.api import EVENTS_PATH, events_router
from services.ingest.from_kafka.messages import Message, event_in, structured
from services.ingest.intake import Arrival, dead_letter_id
from tests.support.world import awaited
from tests.unit.events.test_tracing import VALID
from tests.unit.ingest.door_given import USAGE, StandingClock, event, intake_of, opened_log

NOON = "2026-03-14T12:00:00+00:00"
OTHER = VALID[:-2] + "00"
ATTRIBUTES = {
    "specversion": "1.0",
    "id": "u-1",
    "source": "billing",
    "type": "crm.usage.recorded.v1",
    "time": "2026-03-14T09:26:53Z",
}
BINARY = {"content-type": "application/json"} | {f"ce-{k}": v for k, v in ATTRIBUTES.items()}
WHOLE = ATTRIBUTES | {"data": json.loads(USAGE)}


def facts_of(log: MemoryLog) -> list[FactRecord]:
    records = [record for partition in log.storage.facts for record in partition]
    return [record for record in records if record.customer_id is not None]


def posted(body: object, headers: Sequence[tuple[str, str]]) -> list[str | None]:
    """The traces of the facts that came of a request."""

    async def run() -> list[str | None]:
        clock = StandingClock(NOON)
        log = await opened_log(clock)
        app = FastAPI()
        app.include_router(events_router(intake_of(log, clock)))
        async with AsyncClient(transport=ASGITransport(app), base_url="http://door") as client:
            answer = await client.post(EVENTS_PATH, content=json.dumps(body), headers=headers)
        assert answer.status_code == 202, answer.text
        return [record.traceparent for record in sorted(facts_of(log), key=lambda one: one.id)]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([], None),
        ([VALID], VALID),
        ([VALID.upper()], None),
        ([VALID, VALID], None),
    ],
    ids=["none", "one", "wrong", "twice"],
)
@pytest.mark.parametrize("mode", ["binary", "structured", "batch"])
def test_a_fact_keeps_the_trace_of_its_request(
    mode: str, sent: list[str], kept: str | None
) -> None:
    body, headers = {
        "binary": (json.loads(USAGE), BINARY),
        "structured": (WHOLE, {"content-type": "application/cloudevents+json"}),
        "batch": ([WHOLE], {"content-type": "application/cloudevents-batch+json"}),
    }[mode]

    assert posted(body, [*headers.items(), *(("traceparent", one) for one in sent)]) == [kept]


def test_what_an_event_says_itself_goes_before_what_its_request_says() -> None:
    wrong: Sequence[object] = (None, 7, {"of": "another kind"}, "", VALID + "-more")
    batch = [WHOLE | {"id": "u-1", "traceparent": OTHER}, WHOLE | {"id": "u-2"}]
    batch += [WHOLE | {"id": f"u-3{n}", "traceparent": one} for n, one in enumerate(wrong)]
    headers = [("content-type", "application/cloudevents-batch+json"), ("traceparent", VALID)]

    assert posted(batch, headers) == [OTHER, *[VALID] * (1 + len(wrong))]
    assert posted(json.loads(USAGE), [*BINARY.items(), ("ce-traceparent", OTHER)]) == [OTHER]
    assert posted(json.loads(USAGE), [*BINARY.items(), ("ce-traceparent", "x")]) == [None]


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ([], None),
        ([("traceparent", VALID)], VALID),
        ([("Traceparent", VALID)], VALID),
        ([("ce_traceparent", OTHER), ("traceparent", VALID)], OTHER),
        ([("traceparent", "\xff")], None),
    ],
)
def test_a_message_of_the_intake_topic_takes_its_trace_through_the_door(
    headers: list[tuple[str, str]], kept: str | None
) -> None:
    attributes = [(f"ce_{name}", value.encode()) for name, value in ATTRIBUTES.items()]
    named = [(name, value.encode("latin-1")) for name, value in headers]

    arrived = event_in(Message("crm.intake", USAGE, [*attributes, *named]))

    batch = [json.loads(structured(arrived))]
    assert posted(batch, [("content-type", "application/cloudevents-batch+json")]) == [kept]


@awaited
async def test_the_same_event_in_another_trace_is_the_same_fact_and_the_same_letter() -> None:
    clock = StandingClock(NOON)
    log = await opened_log(clock)
    late = event(time="2025-03-14T09:26:53+00:00", event_id="u-2")

    def sent(trace: str | None) -> list[Arrival]:
        return [with_trace(one, trace) for one in (event(), late)]

    for trace in (VALID, OTHER, None):
        await intake_of(log, clock).submit(sent(trace))

    (fact,) = facts_of(log)
    assert fact.traceparent == VALID
    assert fact.computed_digest() == fact.digest == fact._replace(traceparent=None).digest
    (letter,) = log.dead_letters.values()
    assert letter.id == dead_letter_id(late)
    assert letter.body == msgspec.json.encode(late)
