"""What must hold between the parts of a map: names that exist, ids that tell facts apart."""

import msgspec

from events.catalogue import REGISTRY
from events.registry import Role, UnknownEventTypeError
from services.ingest.importing.data_tree import (
    Fields,
    FromColumn,
    FromText,
    Node,
    TreeError,
    parse_tree,
)
from services.ingest.importing.map_model import Condition, FactRule, MapFile, TimeColumn
from services.ingest.importing.map_source import Location
from services.ingest.importing.templates import parse_template, placeholders
from services.ingest.importing.tree_check import TreeCheck, columns_with_time

LINE_NAMES = ("$file", "$line")
TIME_NAME = "$time"
NUMBER_TESTS = ("above", "at_least", "below", "at_most")


def check_map(parsed: MapFile) -> None:
    """Raise `TreeError` at the first name, id, type or field that cannot be."""
    columns = TreeCheck(parsed.columns)
    for i, rule in enumerate(parsed.skip):
        _check_condition(rule.when, columns, ("skip", i, "when"))
    for i, fact in enumerate(parsed.facts):
        here = ("facts", i)
        if fact.when is not None:
            _check_condition(fact.when, columns, (*here, "when"))
        _check_grouping(fact, columns, here)
        _check_time(fact, parsed, columns, here)
        _check_id(fact, columns, here)
        _check_data(fact, columns, here)


def fact_struct(fact: FactRule) -> type[msgspec.Struct]:
    """Return the struct of a rule's fact type. Raises ``UnknownEventTypeError``."""
    return REGISTRY.fact_type(fact.type).struct


def _check_condition(condition: Condition, columns: TreeCheck, here: Location) -> None:
    if condition.column is not None:
        place = (*here, "column")
        column = columns.column(condition.column, place)
        if any(getattr(condition, test) is not None for test in NUMBER_TESTS):
            columns.numeric(condition.column, place)
        if isinstance(column, TimeColumn) and condition.empty is None:
            raise TreeError(place, "a time can only be tested by empty", "test another column")
        _check_comparables(condition, column.type, here)
    for name, parts in (("all", condition.all_), ("any", condition.any_)):
        for i, part in enumerate(parts or ()):
            _check_condition(part, columns, (*here, name, i))
    if condition.not_ is not None:
        _check_condition(condition.not_, columns, (*here, "not"))


def _check_comparables(condition: Condition, kind: str, here: Location) -> None:
    equals = () if condition.equals is None else (condition.equals,)
    for test, values in (("equals", equals), ("one_of", condition.one_of or ())):
        for value in values:
            if isinstance(value, str) != (kind == "text"):
                mend = "put it into quotes" if kind == "text" else "write a number without quotes"
                raise TreeError((*here, test), f"{value!r} can never equal a {kind}", mend)
    starts_or_ends = condition.starts_with is not None or condition.ends_with is not None
    if starts_or_ends and kind != "text":
        raise TreeError(here, f"a {kind} has no beginning and no end", "declare it as text")


def _check_grouping(fact: FactRule, columns: TreeCheck, here: Location) -> None:
    for i, name in enumerate(fact.group_by):
        columns.column(name, (*here, "group_by", i))


def _check_time(fact: FactRule, parsed: MapFile, columns: TreeCheck, here: Location) -> None:
    place = (*here, "time")
    if not isinstance(columns.column(fact.time, place), TimeColumn):
        times = ", ".join(columns_with_time(parsed.columns)) or "none yet"
        mend = f"the time columns are: {times}"
        raise TreeError(place, f"column {fact.time!r} is not declared as time", mend)


def _check_id(fact: FactRule, columns: TreeCheck, here: Location) -> None:
    place = (*here, "id")
    try:
        names = placeholders(parse_template(fact.id))
    except ValueError as error:
        raise TreeError(place, str(error), "close every {Column} with }") from None
    for name in names:
        _check_id_name(name, fact, columns, place)
    for name in fact.group_by:
        if name not in names:
            mend = f"put {{{name}}} into it, or two facts would bear one id"
            raise TreeError(place, f"the id leaves out {name!r}, by which is grouped", mend)
    if not fact.group_by and not [name for name in names if name != TIME_NAME]:
        mend = "put a column into it that is different for every line, or {$file}:{$line}"
        raise TreeError(place, "every line would bear the same id", mend)


def _check_id_name(name: str, fact: FactRule, columns: TreeCheck, place: Location) -> None:
    if name == TIME_NAME or (name in LINE_NAMES and not fact.group_by):
        return
    if name in LINE_NAMES:
        mend = "use the columns of group_by"
        raise TreeError(place, f"{{{name}}} means nothing for a group of lines", mend)
    columns.column(name, place)
    if fact.group_by and name not in fact.group_by:
        mend = f"add {name} to group_by, or leave it out of the id"
        raise TreeError(place, f"column {name!r} may differ between the lines of a group", mend)


def _check_data(fact: FactRule, columns: TreeCheck, here: Location) -> None:
    try:
        struct = fact_struct(fact)
    except UnknownEventTypeError:
        known = (name for name, entry in REGISTRY.types.items() if _is_fact(entry.role))
        mend = f"the fact types are {', '.join(known)}"
        raise TreeError((*here, "type"), f"unknown fact type {fact.type!r}", mend) from None
    place = (*here, "data")
    tree = parse_tree(fact.data, place)
    columns.check(tree, struct, place)
    if fact.group_by:
        _check_one_customer(tree, fact, place)


def _check_one_customer(tree: Node, fact: FactRule, place: Location) -> None:
    """A group must not mix customers, so what names the customer must be grouped by."""
    customer = dict(tree.fields)["customer"] if isinstance(tree, Fields) else tree
    for field, node in customer.fields if isinstance(customer, Fields) else ():
        for name in _columns_of(node):
            if name not in fact.group_by:
                mend = f"add {name} to group_by and {{{name}}} to the id"
                what = f"lines of several {name} could fall into one fact"
                raise TreeError((*place, "customer", field), what, mend)


def _columns_of(node: Node) -> tuple[str, ...]:
    match node:
        case FromColumn(column=name):
            return (name,)
        case FromText(pieces=pieces):
            return placeholders(pieces)
        case _:
            return ()


def _is_fact(role: Role) -> bool:
    return role in {Role.BEHAVIOUR, Role.MASTER_DATA}
