"""Which fields of two structs differ."""

from collections.abc import Iterator

import msgspec


def differing_fields(stored: object, folded: object, path: str = "") -> Iterator[str]:
    """Yield ``path: stored X, folded Y`` for each leaf in which two values differ."""
    if isinstance(stored, msgspec.Struct) and type(stored) is type(folded):
        for field in stored.__struct_fields__:
            inner = f"{path}.{field}" if path else field
            yield from differing_fields(getattr(stored, field), getattr(folded, field), inner)
    elif isinstance(stored, tuple) and isinstance(folded, tuple) and len(stored) == len(folded):
        for index, (left, right) in enumerate(zip(stored, folded, strict=True)):
            yield from differing_fields(left, right, f"{path}[{index}]")
    elif stored != folded:
        yield f"{path}: stored {stored!r}, folded {folded!r}"
