"""The OpenAPI document holds what the door does: bodies, headers, every answer, nothing dangling."""

import asyncio
import json

import jsonschema
import pytest
from fastapi import FastAPI

from events.catalogue import REGISTRY
from services.ingest.api import events_router
from services.ingest.openapi import FACTS, event_schema
from services.open_api import schema_of
from tests.unit.ingest.door_given import ORDER, USAGE, StandingClock, intake_of, opened_log

Json = dict[str, object]


def document() -> Json:
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    app = FastAPI()
    app.include_router(events_router(intake_of(asyncio.run(opened_log(clock)), clock)))
    return app.openapi()


def inside(value: object, *path: str) -> Json:
    """The object at the end of a path through objects."""
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    assert isinstance(value, dict)
    return value


def operation() -> Json:
    return inside(document(), "paths", "/v1/events", "post")


def references_in(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [found for entry in schema for found in references_in(entry)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
    return own + [found for value in schema.values() for found in references_in(value)]


def test_the_three_content_modes_are_described() -> None:
    assert set(inside(operation(), "requestBody", "content")) == {
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
    }


def test_headers_are_described_and_those_of_binary_mode_not_required_of_the_others() -> None:
    parameters = operation()["parameters"]

    assert isinstance(parameters, list)
    assert [(each["name"], each["in"], each["required"]) for each in parameters] == [
        ("ce-specversion", "header", False),
        ("ce-id", "header", False),
        ("ce-source", "header", False),
        ("ce-type", "header", False),
        ("ce-time", "header", False),
        ("traceparent", "header", False),
    ]


def test_every_answer_is_described() -> None:
    responses = inside(operation(), "responses")

    assert set(responses) == {"202", "400", "408", "409", "413", "415", "422", "503"}
    for status in responses:
        media_type = "application/json" if status == "202" else "application/problem+json"
        assert set(inside(responses, status, "content")) == {media_type}


def test_no_reference_dangles() -> None:
    assert references_in(document()) == []


def test_facts_and_nothing_else_may_be_sent() -> None:
    assert [entry.name for entry in FACTS] == [
        "crm.customer.registered.v1",
        "crm.customer.changed.v1",
        "crm.account.assigned.v1",
        "crm.order.placed.v1",
        "crm.order.returned.v1",
        "crm.usage.recorded.v1",
        "crm.interaction.recorded.v1",
        "crm.complaint.opened.v1",
        "crm.complaint.resolved.v1",
        "crm.complaint.reopened.v1",
        "crm.retention.closed.v1",
    ]


def envelope(type_name: str, data: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": type_name,
        "time": "2026-03-14T09:26:53Z",
        "data": data,
    }


@pytest.mark.parametrize(
    ("type_name", "data"), [("crm.usage.recorded.v1", USAGE), ("crm.order.placed.v1", ORDER)]
)
def test_the_schema_of_an_event_takes_a_good_one_and_refuses_a_wrong_one(
    type_name: str, data: bytes
) -> None:
    validator = jsonschema.Draft202012Validator(event_schema(REGISTRY.types[type_name]))
    fact = json.loads(data)

    assert validator.is_valid(envelope(type_name, fact))
    assert not validator.is_valid(envelope("crm.other.v1", fact))
    assert not validator.is_valid(envelope(type_name, {"customer": {}}))


def test_a_schema_stands_for_itself() -> None:
    schema = schema_of(REGISTRY.types["crm.order.placed.v1"].struct)

    assert references_in(schema) == []
    assert schema["required"] == ["customer", "order_id", "total"]
