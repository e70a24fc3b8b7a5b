"""Where in a struct of the vocabulary a certain kind of value stands, read off its annotations."""

from collections.abc import Iterator
from functools import cache

import msgspec
from msgspec import inspect

from events.values import PII_EXTRA, Money

EACH = "[*]"
"""The step from a list to each of its items; every other step is the name of a field."""

Path = tuple[str, ...]


def written(path: Path) -> str:
    """Return a path as people and schemas write it.

    >>> written(("lines", EACH, "amount"))
    '$.lines[*].amount'
    """
    return "$" + "".join(step if step == EACH else f".{step}" for step in path)


def personal_paths(struct: type[msgspec.Struct]) -> tuple[Path, ...]:
    """Return the paths of the fields that are marked personal.

    >>> from events.orders import OrderPlaced
    >>> personal_paths(OrderPlaced)
    (('lines', '[*]', 'description'),)
    """
    return tuple(path for path, info in _nodes(inspect.type_info(struct), ()) if _is_personal(info))


@cache
def money_paths(struct: type[msgspec.Struct]) -> tuple[Path, ...]:
    """Return the paths of every `Money` that a fact may hold.

    >>> from events.orders import OrderPlaced
    >>> money_paths(OrderPlaced)
    (('total',),)
    """
    return tuple(path for path, info in _nodes(inspect.type_info(struct), ()) if _is_money(info))


def values_at(value: object, path: Path) -> Iterator[object]:
    """Yield what stands at a path of an event: nothing where an optional field has no value."""
    if value is None:
        return
    if not path:
        yield value
    elif path[0] == EACH:
        for item in value if isinstance(value, tuple) else ():
            yield from values_at(item, path[1:])
    else:
        yield from values_at(getattr(value, path[0]), path[1:])


def _is_personal(info: inspect.Type) -> bool:
    return isinstance(info, inspect.Metadata) and info.extra == PII_EXTRA


def _is_money(info: inspect.Type) -> bool:
    return isinstance(info, inspect.StructType) and info.cls is Money


def _nodes(info: inspect.Type, path: Path) -> Iterator[tuple[Path, inspect.Type]]:
    yield path, info
    match info:
        case inspect.Metadata(type=inner):
            yield from _nodes(inner, path)
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from _nodes(field.type, (*path, field.encode_name))
        case inspect.UnionType(types=choices):
            for choice in choices:
                yield from _nodes(choice, path)
        case inspect.CollectionType(item_type=item):
            yield from _nodes(item, (*path, EACH))
        case _:
            return
