"""JSON Schemas and answers for an OpenAPI document, out of the structs that are really sent."""

import msgspec

from services.problem_details import PROBLEM_TYPE, Problem

Schema = dict[str, object]

_REFERENCE = "#/$defs/"


def schema_of(struct: object) -> Schema:
    """Return the JSON Schema of a type, self-contained: OpenAPI finds no ``$defs``."""
    (schema,), definitions = msgspec.json.schema_components(
        (struct,), ref_template=_REFERENCE + "{name}"
    )
    return _object(_inlined(schema, definitions))


def properties_of(schema: Schema) -> Schema:
    """Return the schemas of an object's fields."""
    return _object(schema["properties"])


def answered(description: str, *schemas: Schema, media_type: str = PROBLEM_TYPE) -> Schema:
    """Return how an answer stands in the document; of several schemas it has one."""
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def unavailable(description: str) -> Schema:
    """Return how an answer stands there that says when to ask again."""
    retry = {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}
    return answered(description, schema_of(Problem)) | {"headers": {"Retry-After": retry}}


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
