"""Every published type has an example that is read, agrees with its schema, and is canonical."""

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from events import codec, schemas
from events.catalogue import REGISTRY
from events.envelope import CloudEvent
from events.registry import Role
from schemas import generate

FOLDER = Path(generate.__file__).parent
PUBLISHED = {entry.name: entry for entry in schemas.published_types(REGISTRY)}
FACTS = sorted(
    name for name, entry in PUBLISHED.items() if entry.role in {Role.BEHAVIOUR, Role.MASTER_DATA}
)


def example(name: str) -> bytes:
    return (FOLDER / "examples" / f"{name}.json").read_bytes()


def data_of(name: str) -> bytes:
    """The example's data, without the white space that is there for people."""
    value = json.loads(example(name))
    data = value["data"] if name in FACTS else value
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def test_every_published_type_has_one_example() -> None:
    examples = sorted(path.name.removesuffix(".json") for path in (FOLDER / "examples").iterdir())

    assert examples == sorted(PUBLISHED)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_an_example_agrees_with_its_schema(name: str) -> None:
    schema = json.loads((FOLDER / "events" / f"{name}.json").read_bytes())

    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        json.loads(data_of(name))
    )


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_an_example_is_read_as_the_type_that_it_names(name: str) -> None:
    event = REGISTRY.decode(name, data_of(name))

    assert REGISTRY.name_of(event) == REGISTRY.current_name(name)


@pytest.mark.parametrize("name", sorted(REGISTRY.types))
def test_an_example_is_written_back_byte_for_byte(name: str) -> None:
    assert codec.encode(REGISTRY.decode(name, data_of(name))) == data_of(name)


@pytest.mark.parametrize("name", FACTS)
def test_the_example_of_a_fact_is_an_event_as_it_would_be_posted(name: str) -> None:
    event = msgspec.json.decode(example(name), type=CloudEvent)

    assert event.type == name
    assert event.datacontenttype == "application/json"
    assert REGISTRY.fact_type(event.type) is REGISTRY.types[REGISTRY.current_name(name)]
    assert REGISTRY.decode(name, event.data) == REGISTRY.decode(name, data_of(name))


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_of_the_examples_has_its_own_id(name: str) -> None:
    others = [
        msgspec.json.decode(example(other), type=CloudEvent) for other in FACTS if other != name
    ]
    event = msgspec.json.decode(example(name), type=CloudEvent)

    assert (event.source, event.id) not in {(other.source, other.id) for other in others}
