"""Hypothesis strategies for any struct of the vocabulary, read off its own annotations."""

import datetime
from functools import cache

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]+"
TEXT = st.characters(codec="utf-8", exclude_categories=("Cs",))
UNCONTROLLED = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))


@cache
def values_of(struct: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Every value that the struct's own decoder would let pass."""
    return _strategy(inspect.type_info(struct))


def _strategy(info: inspect.Type) -> st.SearchStrategy[object]:
    match info:
        case inspect.Metadata(type=inner):
            return _strategy(inner)
        case inspect.StructType(cls=struct, fields=fields):
            return st.builds(struct, **{field.name: _strategy(field.type) for field in fields})
        case inspect.UnionType(types=choices):
            return st.one_of(*[_strategy(choice) for choice in choices])
        case inspect.VarTupleType(item_type=item):
            return st.lists(_strategy(item), max_size=3).map(tuple)
        case _:
            return _scalar(info)


def _scalar(info: inspect.Type) -> st.SearchStrategy[object]:
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.StrType():
            return _text(info)
        case inspect.IntType(ge=low, le=high):
            return st.integers(
                -(2**63) if low is None else low, 2**63 - 1 if high is None else high
            )
        case inspect.FloatType(ge=low, le=high):
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case inspect.EnumType(cls=enum):
            return st.sampled_from(list(enum))
        case inspect.DateType():
            return st.dates(datetime.date(1900, 1, 1), datetime.date(9998, 12, 31))
        case inspect.DateTimeType(tz=True):
            return st.datetimes(timezones=st.just(datetime.UTC))
        case _:
            raise NotImplementedError(f"the vocabulary has no {info} yet: add a strategy for it")


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    shortest, longest = info.min_length or 0, info.max_length
    if info.pattern is None:
        return st.text(TEXT, min_size=shortest, max_size=longest)
    if info.pattern.startswith(NO_CONTROL_CHARACTERS):
        return st.text(UNCONTROLLED, min_size=max(shortest, 1), max_size=longest)
    matching = st.from_regex(info.pattern, fullmatch=True).filter(lambda text: text[-1:] != "\n")
    return matching.filter(lambda text: longest is None or len(text) <= longest)
