"""How ``POST /v1/events`` stands in the OpenAPI document: its bodies, headers and answers."""

from collections.abc import Sequence

from events.catalogue import REGISTRY
from events.envelope import CloudEvent
from events.registry import EventType, Role
from events.tracing import TRACEPARENT
from services.ingest.answers import BatchAccepted, BatchProblem, SingleAccepted
from services.ingest.http_events import MAX_EVENTS
from services.ingest.http_modes import BATCH_TYPE, STRUCTURED_TYPE
from services.open_api import Schema, answered, properties_of, schema_of, unavailable
from services.problem_details import Problem

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


def event_schema(entry: EventType) -> Schema:
    """Return the JSON Schema of an event in structured mode whose data is this fact."""
    envelope = schema_of(CloudEvent)
    properties = properties_of(envelope) | {
        "type": {"const": entry.name, "type": "string"},
        "datacontenttype": {"enum": ["application/json", None]},
        "data": schema_of(entry.struct),
    }
    return envelope | {"title": entry.name, "properties": properties}


def _header(name: str, example: str) -> Schema:
    return {
        "name": f"ce-{name}",
        "in": "header",
        "required": False,
        "description": f"Attribute {name} of an event in binary mode, where it must stand.",
        "schema": {"type": "string"},
        "example": example,
    }


_TRACE: Schema = {
    "name": TRACEPARENT,
    "in": "header",
    "required": False,
    "description": "W3C trace context of the request. It is kept with each fact that names none"
    " itself; one that is wrong is left out.",
    "schema": {"type": "string"},
    "example": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
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
        _TRACE,
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
    202: answered(
        "Every event stands in the log.",
        schema_of(SingleAccepted),
        schema_of(BatchAccepted),
        media_type="application/json",
    ),
    400: answered("The request cannot be read, or an attribute is missing.", _PROBLEM),
    408: answered("The request did not come within a minute.", _PROBLEM),
    409: answered("Another event stands under this source and id.", _PROBLEM),
    413: answered("More than 1 MiB, or more than 1,000 events.", _PROBLEM),
    415: answered("Not JSON in UTF-8.", _PROBLEM),
    422: answered(
        "A field is wrong, or some events of a batch were refused.",
        _PROBLEM,
        schema_of(BatchProblem),
    ),
    503: unavailable("An import has the log for itself, or the log cannot write."),
}
