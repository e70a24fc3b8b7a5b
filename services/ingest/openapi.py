"""How ``POST /v1/events`` stands in the OpenAPI document: its bodies, headers and answers."""

from collections.abc import Sequence

import msgspec

from events.catalogue import REGISTRY
from events.envelope import CloudEvent
from events.registry import EventType, Role
from services.ingest.answers import BatchAccepted, BatchProblem, SingleAccepted
from services.ingest.http_events import MAX_EVENTS
from services.ingest.http_modes import BATCH_TYPE, STRUCTURED_TYPE
from services.ingest.problems import PROBLEM_TYPE, Problem

Schema = dict[str, object]

DESCRIPTION = """\
CloudEvents 1.0 over HTTP, in binary mode (attributes in `ce-` headers, percent-encoded UTF-8, the
body is the data), structured mode (one event) and batch mode (up to 1,000 events); at most 1 MiB a
request. 202 means that every event of the request stands durably in the log, now or since before.
Any other answer says what does not, in problem details. Each event of a batch is judged for
itself: where some are refused, the answer is 422 with a result per event, and the others stand in
the log. Sending anything again does no harm: an event is told by its source and id.
"""

FACTS: Sequence[EventType] = tuple(
    entry for entry in REGISTRY.types.values() if entry.role in {Role.BEHAVIOUR, Role.MASTER_DATA}
)
_REFERENCE = "#/$defs/"


def schema_of(struct: object) -> Schema:
    """Return the JSON Schema of a type, self-contained: OpenAPI finds no ``$defs``."""
    (schema,), definitions = msgspec.json.schema_components(
        (struct,), ref_template=_REFERENCE + "{name}"
    )
    return _object(_inlined(schema, definitions))


def event_schema(entry: EventType) -> Schema:
    """Return the JSON Schema of an event in structured mode whose data is this fact."""
    envelope = schema_of(CloudEvent)
    properties = _object(envelope["properties"]) | {
        "type": {"const": entry.name, "type": "string"},
        "datacontenttype": {"enum": ["application/json", None]},
        "data": schema_of(entry.struct),
    }
    return envelope | {"title": entry.name, "properties": properties}


def _inlined(schema: object, definitions: dict[str, Schema]) -> object:
    if isinstance(schema, list):
        return [_inlined(entry, definitions) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.removeprefix(_REFERENCE)], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _object(schema: object) -> Schema:
    if not isinstance(schema, dict):
        raise TypeError("a struct's schema is an object")
    return schema


def _header(name: str, example: str) -> Schema:
    return {
        "name": f"ce-{name}",
        "in": "header",
        "required": False,
        "description": f"Attribute {name} of an event in binary mode, where it must stand.",
        "schema": {"type": "string"},
        "example": example,
    }


def _answer(description: str, *schemas: Schema, media_type: str = PROBLEM_TYPE) -> Schema:
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _unavailable(description: str) -> Schema:
    retry = {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}
    return _answer(description, _PROBLEM) | {"headers": {"Retry-After": retry}}


_PROBLEM = schema_of(Problem)
_EVENT: Schema = {"oneOf": [event_schema(entry) for entry in FACTS]}
_DATA: Schema = {"anyOf": [schema_of(entry.struct) for entry in FACTS]}

OPENAPI_EXTRA: Schema = {
    "parameters": [
        _header("specversion", "1.0"),
        _header("id", "invoice-536365"),
        _header("source", "shop"),
        _header("type", "crm.order.placed.v1"),
        _header("time", "2026-03-14T09:26:53Z"),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _DATA},
            STRUCTURED_TYPE: {"schema": _EVENT},
            BATCH_TYPE: {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MAX_EVENTS,
                    "items": _EVENT,
                }
            },
        },
    },
}

RESPONSES: dict[int | str, Schema] = {
    202: _answer(
        "Every event stands in the log.",
        schema_of(SingleAccepted),
        schema_of(BatchAccepted),
        media_type="application/json",
    ),
    400: _answer("The request cannot be read, or an attribute is missing.", _PROBLEM),
    408: _answer("The request did not come within a minute.", _PROBLEM),
    409: _answer("Another event stands under this source and id.", _PROBLEM),
    413: _answer("More than 1 MiB, or more than 1,000 events.", _PROBLEM),
    415: _answer("Not JSON in UTF-8.", _PROBLEM),
    422: _answer(
        "A field is wrong, or some events of a batch were refused.",
        _PROBLEM,
        schema_of(BatchProblem),
    ),
    503: _unavailable("An import has the log for itself, or the log cannot write."),
}
