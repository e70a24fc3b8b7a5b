"""The JSON Schema of every published type, and the lock that keeps a published one as it is.

Pure: `schemas/generate.py` reads and writes the files.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec

from events.paths import personal_paths, written
from events.registry import EventType, Registry

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
        "x-pii": [written(path) for path in personal_paths(entry.struct)],
        **{keyword: value for keyword, value in root.items() if keyword != "title"},
        **({"$defs": definitions} if definitions else {}),
    }


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
