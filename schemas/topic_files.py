"""The topic files, ``schemas/topics/TOPIC.yaml``: what a topic is, and which services may write to it."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

TOPICS = Path(__file__).parent / "topics"
MILLISECONDS_A_DAY = 86_400_000


class Service(StrEnum):
    """Who writes to topics: a process role of ours, or the systems that send us events."""

    INGEST = "ingest"
    PROFILES = "profiles"
    LEARNING = "learning"
    ALERTS = "alerts"
    UPSTREAM = "upstream"


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic file of ``schemas/topics``. ``retention`` is in days, or ``forever``."""

    name: str
    description: str
    key: str
    partitions: Annotated[int, msgspec.Meta(ge=1)]
    retention: Annotated[int, msgspec.Meta(ge=1)] | Literal["forever"]
    cleanup: Literal["delete", "compact"]
    timestamp: Literal["LogAppendTime", "CreateTime"]
    writers: Annotated[tuple[Service, ...], msgspec.Meta(min_length=1)]
    types: tuple[str, ...]


class TopicFileError(ValueError):
    """A topic file that cannot be used: which, on which line, and why."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")


def read_topics(folder: Path = TOPICS) -> list[Topic]:
    """Return the topic files in the order of their names. Raises `TopicFileError`."""
    return [_read_topic(path) for path in sorted(folder.glob("*.yaml"))]


def retention_milliseconds(topic: Topic) -> int:
    """Return how long a broker keeps a record, as ``retention.ms`` says it: -1 for ever."""
    return -1 if topic.retention == "forever" else topic.retention * MILLISECONDS_A_DAY


def _read_topic(path: Path) -> Topic:
    tree = _parsed(path)
    values: object = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    try:
        topic = msgspec.convert(values, Topic)
    except msgspec.ValidationError as error:
        raise TopicFileError(path, _line(tree, str(error)), _words(str(error))) from None
    if topic.name != path.stem:
        what = f"the topic is named {topic.name}, its file {path.name}; name both alike"
        raise TopicFileError(path, _line(tree, "`$.name`"), what)
    return topic


def _parsed(path: Path) -> CommentedMap:
    """Return the document as one that still knows its lines; its values are read another time."""
    try:
        tree: object = YAML(typ="rt", pure=True).load(path.read_text("utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TopicFileError(path, line, error.problem or "is not YAML") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise TopicFileError(path, 1, f"is not YAML: {error}") from None
    if not isinstance(tree, CommentedMap):
        raise TopicFileError(path, 1, "must be a mapping of keys to values")
    return tree


def _line(tree: CommentedMap, said: str) -> int:
    """Return the line, from 1, of the key that an error of msgspec names; 1 where there is none."""
    named = re.search(r"`\$\.(\w+)|unknown field `(\w+)`", said)
    key = (named[1] or named[2]) if named else ""
    return tree.lc.key(key)[0] + 1 if key in tree else 1


def _words(said: str) -> str:
    if "unknown field" in said:
        return f"{said}; there are {', '.join(Topic.__struct_fields__)}"
    return said
