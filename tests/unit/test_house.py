"""The house rules that a linter cannot hold: lengths, the map of the tree, personal data, exceptions."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import msgspec
import pytest
from msgspec import inspect

from events import schemas
from events.catalogue import REGISTRY
from events.registry import Role
from events.values import PII_EXTRA, CustomerRef

ROOT = Path(__file__).parents[2]
SOURCE = ("events", "domain", "infra", "services", "schemas")
PYTHON = (*SOURCE, "bench", "tests")
NOT_OURS = {"__pycache__", "data", "demo-data", "build"}
PUBLISHED = list(schemas.published_types(REGISTRY))
FACTS = [entry for entry in PUBLISHED if entry.role in {Role.BEHAVIOUR, Role.MASTER_DATA}]


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file, as ``path:line name``, with its length in lines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            where = f"{named(path)}:{node.lineno} {node.name}"
            yield where, node.end_lineno - node.lineno + 1


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {named(path): length_of(path) for path in python_files(*SOURCE)}

    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


def test_files_are_short_as_a_rule() -> None:
    lengths = [length_of(path) for path in python_files(*SOURCE) if path.name != "__init__.py"]

    assert median(lengths) < 100
    assert quantiles(lengths, n=10)[-1] < 200


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{where}: {lines} lines"
        for path in python_files(*PYTHON)
        for where, lines in functions(path)
        if lines > 50
    ]

    assert long == []


def test_nothing_is_left_to_do_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    left = [
        f"{named(path)}:{number}"
        for path in python_files(*SOURCE)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if later.search(line)
    ]

    assert left == []


def test_functions_are_short_as_a_rule() -> None:
    lengths = [lines for path in python_files(*SOURCE) for _, lines in functions(path)]

    assert quantiles(lengths, n=10)[-1] <= 20


def map_of(document: str) -> dict[str, str]:
    """The folders that the map names, each with what is said about it.

    The map is the fenced block after the heading "## The map"; a line is ``path/ — what it is``.
    """
    _, _, after = document.partition("\n## The map\n")
    _, _, block = after.partition("\n```")
    lines = block.partition("\n```")[0].splitlines()[1:]
    split = [line.strip().partition(" — ") for line in lines if line.strip()]
    return {path.strip(): text.strip() for path, _, text in split if path.strip().endswith("/")}


def folders_to_map() -> set[str]:
    """Every top-level folder, and every package at any depth."""
    top = [path for path in ROOT.iterdir() if path.is_dir() and _is_ours(path)]
    packages = [path.parent for folder in top for path in folder.rglob("__init__.py")]
    return {f"{named(path)}/" for path in [*top, *packages]}


def _is_ours(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.suffix == ".egg-info"
    files = (each for each in path.rglob("*") if each.is_file())
    empty = all(NOT_OURS.intersection(each.relative_to(path).parts) for each in files)
    return not hidden and not empty and path.name not in NOT_OURS


def test_the_map_of_the_tree_is_read_line_by_line() -> None:
    document = (
        "# A\n\n## The map\n\nSome words.\n\n```\nevents/ — the words\n  a/b/ — more\n\n```\n"
    )

    assert map_of(document) == {"events/": "the words", "a/b/": "more"}
    assert map_of("# no map\n") == {}


def test_the_map_names_every_folder_and_says_what_it_is() -> None:
    mapped = map_of((ROOT / "docs/architecture.md").read_text("utf-8"))

    assert sorted(folders_to_map() - set(mapped)) == [], "docs/architecture.md leaves these out"
    assert sorted(path for path, text in mapped.items() if not text) == []


def test_the_map_names_nothing_that_is_not_there() -> None:
    mapped = map_of((ROOT / "docs/architecture.md").read_text("utf-8"))

    assert sorted(path for path in mapped if not (ROOT / path).is_dir()) == []


def test_the_guide_to_adding_a_fact_names_files_that_are_there() -> None:
    guide = (ROOT / "docs/adding-a-fact-type.md").read_text("utf-8")
    named_there = set(re.findall(r"`([\w./-]+/[\w.-]*)`", guide))

    assert len(named_there) > 20
    assert sorted(path for path in named_there if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("fact", FACTS, ids=lambda entry: entry.name)
def test_every_fact_names_its_customer(fact: schemas.EventType) -> None:
    customer = [field for field in msgspec.structs.fields(fact.struct) if field.name == "customer"]

    assert [field.type for field in customer] == [CustomerRef]
    assert customer[0].required


def fields_of(info: inspect.Type) -> Iterator[tuple[str, bool]]:
    """The name of every field at any depth, and whether it is marked personal."""
    match info:
        case inspect.StructType(fields=fields):
            for field in fields:
                yield field.name, _is_personal(field.type)
                yield from fields_of(field.type)
        case inspect.UnionType(types=choices):
            for choice in choices:
                yield from fields_of(choice)
        case inspect.Metadata(type=inner) | inspect.CollectionType(item_type=inner):
            yield from fields_of(inner)
        case _:
            return


def _is_personal(info: inspect.Type) -> bool:
    if isinstance(info, inspect.UnionType):
        return any(_is_personal(choice) for choice in info.types)
    return isinstance(info, inspect.Metadata) and info.extra == PII_EXTRA


def personal_names() -> set[str]:
    """Names that only personal fields bear."""
    every = {field for entry in PUBLISHED for field in fields_of(inspect.type_info(entry.struct))}
    return {name for name, personal in every if personal} - {
        name for name, personal in every if not personal
    }


def test_personal_fields_are_these() -> None:
    assert personal_names() == {"name", "contact", "description", "note"}


def test_the_domain_never_reads_a_personal_field() -> None:
    forbidden = personal_names()
    readings = [
        f"{named(path)}:{node.lineno} .{node.attr}"
        for path in python_files("domain")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in forbidden
    ]

    assert readings == []


SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa)\b")
REASONED = re.compile(
    r"#\s*(type:\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)\s+(#|-)\s*\w.{9,}"
)


def comments(path: Path) -> dict[int, str]:
    """The comment of each line that has one."""
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def exceptions(path: Path) -> Iterator[tuple[str, bool]]:
    """Every exception that a file makes from types and lint, and whether a reason stands by it."""
    said = comments(path)
    for line, comment in said.items():
        if SUPPRESSION.search(comment):
            yield f"{named(path)}:{line} {comment}", REASONED.search(comment) is not None
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name) and node.id == "Any":
            yield f"{named(path)}:{node.lineno} Any", node.lineno in said


def test_every_exception_from_types_and_lint_has_its_reason_behind_it() -> None:
    bare = [
        where
        for path in python_files(*PYTHON)
        for where, reasoned in exceptions(path)
        if not reasoned
    ]

    assert bare == []


def test_exceptions_are_at_most_two_in_a_thousand_lines() -> None:
    files = python_files(*PYTHON)
    found = [where for path in files for where, _ in exceptions(path)]
    lines = sum(length_of(path) for path in files)

    assert len(found) <= 2 * lines / 1000, "\n".join(found)
