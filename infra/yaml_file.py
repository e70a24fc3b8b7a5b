"""The text of a YAML file and where in it everything stands, so that an error can name a line."""

import codecs
import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from infra.mendable import MendableError

Location = Sequence[str | int]
Model = TypeVar("Model", bound=BaseModel)


class YamlKind(NamedTuple):
    """What sort of file it is: how it is called, where it is explained, how its errors are made.

    ``refused`` takes path, line from 1, what is wrong and how to mend it.
    """

    noun: str
    guide: str
    refused: Callable[[Path, int, str, str], MendableError]


class YamlSource:
    """A parsed YAML document that still knows its lines."""

    def __init__(self, path: Path, kind: YamlKind, tree: CommentedMap) -> None:
        self.path = path
        self.kind = kind
        self._tree = tree

    def plain(self) -> dict[str, JsonValue]:
        """Return the document as plain dicts, lists and scalars.

        Raises what the kind makes of a file that nests without end, or holds what JSON does not know.
        """
        try:
            return {str(key): self._plain(value, (key,)) for key, value in self._tree.items()}
        except RecursionError:
            raise self.error((), f"the {self.kind.noun} nests too deeply") from None

    def error(self, location: Location, what: str, mend: str = "") -> MendableError:
        """Return an error that names the line of ``location``."""
        return self.kind.refused(self.path, self.line_of(location), what, mend or self.kind.guide)

    def line_of(self, location: Location) -> int:
        """Return the line, from 1, of the deepest part of ``location`` that the document has."""
        node: object = self._tree
        line = 1
        for part in location:
            if isinstance(node, CommentedMap) and part in node:
                line = node.lc.key(part)[0] + 1
                node = node[part]
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line = node.lc.item(part)[0] + 1
                node = node[part]
        return line

    def _plain(self, value: object, location: tuple[str | int, ...]) -> JsonValue:
        match value:
            case dict():
                return {
                    str(key): self._plain(item, (*location, key)) for key, item in value.items()
                }
            case list():
                return [self._plain(item, (*location, i)) for i, item in enumerate(value)]
            case datetime.date():
                raise self.error(location, f"{value} is read as a date", "put it into quotes")
            case bool() | None:
                return value
            case str():
                return str(value)
            case int():
                return int(value)
            case float():
                return float(value)
            case _:
                raise self.error(location, f"{value!r} is no plain value", "put it into quotes")


def read_yaml(path: Path, kind: YamlKind) -> YamlSource:
    """Read a YAML file.

    Raises what the kind makes of a file that cannot be read, is not UTF-8 or YAML, repeats a key, or
    is not a mapping.
    """
    try:
        text = path.read_bytes().removeprefix(codecs.BOM_UTF8).decode()
    except OSError as error:
        mend = f"give the path of a {kind.noun} that can be read"
        raise kind.refused(path, 1, f"cannot be read ({error.strerror})", mend) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        mend = f"save the {kind.noun} as UTF-8"
        raise kind.refused(path, line, "is not UTF-8 text", mend) from None
    tree = _parsed(path, kind, text)
    if not isinstance(tree, CommentedMap):
        what = f"the {kind.noun} must be a YAML mapping of keys to values"
        raise kind.refused(path, 1, what, kind.guide)
    return YamlSource(path, kind, tree)


def validated(source: YamlSource, model: type[Model]) -> Model:
    """Return the file as a model of pydantic, or raise an error that names the line."""
    try:
        return model.model_validate(source.plain())
    except ValidationError as error:
        raise refused_by_model(source, error) from None


def refused_by_model(source: YamlSource, error: ValidationError) -> MendableError:
    """Return the first thing that a model finds wrong, with its line.

    A key that nobody knows comes first: it may be what a missing one was meant to be.
    """
    found = error.errors()
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    location = first["loc"]
    named = ".".join(str(part) for part in location)
    match first["type"]:
        case "extra_forbidden":
            mend = f"take it out, or {source.kind.guide}"
            return source.error(location, f"unknown key {named!r}", mend)
        case "missing":
            return source.error(location, f"{named!r} is missing", f"add it; {source.kind.guide}")
        case _:
            what = first["msg"].removeprefix("Value error, ")
            return source.error(location, f"{named or f'the {source.kind.noun}'}: {what}")


def _parsed(path: Path, kind: YamlKind, text: str) -> object:
    try:
        tree: object = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = (error.problem or "is not YAML").splitlines()[0]
        raise kind.refused(path, line, what, "mend the YAML here or just above") from None
    except (YAMLError, ValueError, RecursionError) as error:
        what = f"is not YAML: {str(error).splitlines()[0]}"
        raise kind.refused(path, 1, what, "mend the YAML") from None
    return tree
