"""Conditions of a map as functions over the values of a row. A cell that is empty meets only ``empty``."""

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal

from services.ingest.importing.cells import Value, Values
from services.ingest.importing.map_model import Condition

Test = Callable[[Values], bool]

_COMPARISONS: tuple[tuple[str, Callable[[Decimal | int, Decimal], bool]], ...] = (
    ("above", operator.gt),
    ("at_least", operator.ge),
    ("below", operator.lt),
    ("at_most", operator.le),
)


def compile_condition(condition: Condition, columns: Sequence[str]) -> Test:
    """Return the test; ``columns`` says which value of a row is whose."""
    if condition.column is not None:
        return _column_test(condition, columns.index(condition.column))
    if condition.not_ is not None:
        inner = compile_condition(condition.not_, columns)
        return lambda values: not inner(values)
    parts = [compile_condition(part, columns) for part in condition.all_ or condition.any_ or ()]
    if condition.all_ is not None:
        return lambda values: all(part(values) for part in parts)
    return lambda values: any(part(values) for part in parts)


def _column_test(condition: Condition, index: int) -> Test:
    if condition.empty is not None:
        wanted = condition.empty
        return lambda values: (values[index] is None) is wanted
    if condition.starts_with is not None:
        return _text_test(index, str.startswith, condition.starts_with)
    if condition.ends_with is not None:
        return _text_test(index, str.endswith, condition.ends_with)
    for name, comparison in _COMPARISONS:
        bound = getattr(condition, name)
        if bound is not None:
            return _number_test(index, comparison, Decimal(str(bound)))
    listed = condition.one_of if condition.one_of is not None else (condition.equals,)
    allowed = frozenset(
        item if isinstance(item, str) else Decimal(str(item)) for item in listed if item is not None
    )
    return lambda values: values[index] in allowed


def _text_test(index: int, test: Callable[[str, str], bool], part: str) -> Test:
    def holds(values: Values) -> bool:
        value = values[index]
        return isinstance(value, str) and test(value, part)

    return holds


def _number_test(
    index: int, comparison: Callable[[Decimal | int, Decimal], bool], bound: Decimal
) -> Test:
    def holds(values: Values) -> bool:
        value: Value = values[index]
        return isinstance(value, int | Decimal) and comparison(value, bound)

    return holds
