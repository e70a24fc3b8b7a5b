"""The JSON Schema of every published type, and the lock that keeps a published one as it is.

Pure: `schemas/generate.py` reads and writes the files.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
from msgspec import inspect

from events.registry import EventType, Registry
from events.values import PII_EXTRA

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANNOTATIONS = frozenset({"$schema", "$id", "title", "description", "x-role", "x-topics"})
"""Keywords that explain a schema: changing them changes nothing for who reads or writes events."""

Schema = dict[str, object]


class PublishedSchemaChangedError(Exception):
    """A published type takes another shape, or is gone. It needs a new version and an upcaster."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"published schemas may not change: {', '.join(names)}; "
            "give the new shape a new version name and an upcaster from the old one"
        )
        self.names = names


def published_types(registry: Registry) -> Iterator[EventType]:
    """Yield every published type: those in use, then the superseded ones with their successor's role."""
    yield from registry.types.values()
    for upcaster in registry.upcasters.values():
        successor = registry.types[registry.current_name(upcaster.name)]
        yield EventType(upcaster.name, upcaster.struct, successor.role, successor.topics)


def schema_of(entry: EventType) -> Schema:
    """Return the JSON Schema (2020-12) of a type's data.

    ``x-pii`` lists the paths of its personal fields; each of them bears ``x-pii: true`` as well.
    """
    schema = msgspec.json.schema(entry.struct)
    definitions = schema["$defs"]
    root = definitions.pop(entry.struct.__name__)
    return {
        "$schema": DIALECT,
        "$id": f"urn:holdfast:event:{entry.name}",
        "title": entry.name,
        "description": root.pop("description"),
        "x-role": entry.role.value,
        "x-topics": list(entry.topics),
        "x-pii": list(personal_paths(entry.struct)),
        **{keyword: value for keyword, value in root.items() if keyword != "title"},
        **({"$defs": definitions} if definitions else {}),
    }


def personal_paths(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the paths of the fields that are marked personal.

    >>> from events.orders import OrderPlaced
    >>> personal_paths(OrderPlaced)
    ('$.lines[*].description',)
    """
    return tuple(_personal_paths(inspect.type_info(struct), "$"))


def _personal_paths(info: inspect.Type, path: str) -> Iterator[str]:
    match info:
        case inspect.Metadata(extra=extra) if extra == PII_EXTRA:
            yield path
        case inspect.Metadata(type=inner):
            yield from _personal_paths(inner, path)
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from _personal_paths(field.type, f"{path}.{field.encode_name}")
        case inspect.UnionType(types=choices):
            for choice in choices:
                yield from _personal_paths(choice, path)
        case inspect.CollectionType(item_type=item):
            yield from _personal_paths(item, f"{path}[*]")
        case _:
            return


def shape_digest(schema: Schema) -> str:
    """Return the SHA-256, in hex, of what a schema demands; its explanations do not count."""
    demands = msgspec.json.encode(_without_annotations(schema), order="deterministic")
    return sha256(demands).hexdigest()


def _without_annotations(node: object) -> object:
    if isinstance(node, list):
        return [_without_annotations(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {keyword: value for keyword, value in node.items() if keyword not in ANNOTATIONS}
    return {keyword: _demand(keyword, value) for keyword, value in kept.items()}


def _demand(keyword: str, value: object) -> object:
    if keyword in {"properties", "$defs"} and isinstance(value, dict):
        # keys are names, not keywords; and canonical bytes follow the order of the fields
        return [[name, _without_annotations(inner)] for name, inner in value.items()]
    return _without_annotations(value)


def extend_lock(published: Mapping[str, str], current: Mapping[str, str]) -> dict[str, str]:
    """Return the lock (type name to shape digest) with the types that are new.

    Raises:
        PublishedSchemaChangedError: a published type has another digest now, or is gone.
    """
    changed = tuple(name for name, digest in published.items() if current.get(name) != digest)
    if changed:
        raise PublishedSchemaChangedError(changed)
    return dict(sorted(current.items()))
