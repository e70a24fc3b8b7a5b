"""The text of a mapping file and where in it everything stands, so that an error can name a line."""

import codecs
import datetime
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from services.ingest.importing.refusals import MapError

Location = Sequence[str | int]
SEE_GUIDE = "see docs/importing.md"


class MapSource:
    """A parsed YAML document that still knows its lines."""

    def __init__(self, path: Path, tree: CommentedMap) -> None:
        self.path = path
        self._tree = tree

    def plain(self) -> dict[str, JsonValue]:
        """Return the document as plain dicts, lists and scalars.

        Raises:
            MapError: it nests without end, or holds a value that JSON does not know.
        """
        try:
            return {str(key): self._plain(value, (key,)) for key, value in self._tree.items()}
        except RecursionError:
            raise MapError(self.path, 1, "the map nests too deeply", SEE_GUIDE) from None

    def error(self, location: Location, what: str, mend: str = SEE_GUIDE) -> MapError:
        """Return an error that names the line of ``location``."""
        return MapError(self.path, self.line_of(location), what, mend)

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


def read_map_source(path: Path) -> MapSource:
    """Read a YAML file.

    Raises:
        MapError: it cannot be read, is not UTF-8 or YAML, repeats a key, or is not a mapping.
    """
    try:
        text = path.read_bytes().removeprefix(codecs.BOM_UTF8).decode()
    except OSError as error:
        mend = "give the path of a map that can be read"
        raise MapError(path, 1, f"cannot be read ({error.strerror})", mend) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise MapError(path, line, "is not UTF-8 text", "save the map as UTF-8") from None
    tree = _parsed(path, text)
    if not isinstance(tree, CommentedMap):
        raise MapError(path, 1, "the map must be a YAML mapping of keys to values", SEE_GUIDE)
    return MapSource(path, tree)


def _parsed(path: Path, text: str) -> object:
    try:
        tree: object = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = (error.problem or "is not YAML").splitlines()[0]
        raise MapError(path, line, what, "mend the YAML here or just above") from None
    except (YAMLError, ValueError, RecursionError) as error:
        what = f"is not YAML: {str(error).splitlines()[0]}"
        raise MapError(path, 1, what, "mend the YAML") from None
    return tree
