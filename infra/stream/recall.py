"""Decoding facts that stand in the log, without checking again what the door has checked.

Nine tenths of decoding a fact go into the patterns and bounds of its fields. Those hold for whatever
the door let in, so the fold decodes into twins of the published structs: subclasses with the same
fields and types, and without the constraints. A damaged record is for `holdfast verify` to find, by
its digest.
"""

import operator
from collections.abc import Callable
from functools import cache, reduce
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import msgspec

from events.catalogue import REGISTRY


def recall(name: str, data: bytes) -> msgspec.Struct:
    """Return the fact of a log record, as an instance of the struct that its type has now.

    Raises:
        UnknownEventTypeError: no such type.
        msgspec.ValidationError: a field is of another type.
        msgspec.DecodeError: the bytes are not JSON.
    """
    return _decoder(name)(data)


@cache
def _decoder(name: str) -> Callable[[bytes], msgspec.Struct]:
    if name not in REGISTRY.types:  # superseded, then it is lifted, or unknown
        return lambda data: REGISTRY.decode(name, data)
    return msgspec.json.Decoder(_twin(REGISTRY.types[name].struct)).decode


@cache
def _twin(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    hints = get_type_hints(struct)  # as declared, less what stands in Annotated
    fields = [
        (field.name, _unchecked(hints[field.name]), _default(field))
        for field in msgspec.structs.fields(struct)
    ]
    return msgspec.defstruct(struct.__name__, fields, bases=(struct,), frozen=True)


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return field.default


def _unchecked(hint: object) -> object:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _twin(hint)
    origin, parts = get_origin(hint), tuple(map(_unchecked, get_args(hint)))
    if origin is None:
        return hint
    return reduce(operator.or_, parts) if origin is UnionType else origin[parts]
