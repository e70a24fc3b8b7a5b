"""Published schemas: the files are what the vocabulary says, and what was published never changes."""

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from events import schemas
from events.catalogue import REGISTRY
from events.registry import EventType, Registry, Role
from events.values import Key, PersonalText
from schemas import generate

FOLDER = Path(generate.__file__).parent
NAMES = sorted(entry.name for entry in schemas.published_types(REGISTRY))


def committed(name: str) -> dict[str, object]:
    return json.loads((FOLDER / "events" / f"{name}.json").read_text("utf-8"))


class ParcelSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel left the house."""

    parcel: Key
    description: PersonalText | None = None


class ParcelSentWithWeight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel left the house."""

    parcel: Key
    weight: int
    description: PersonalText | None = None


class ParcelSentNoLongerPersonal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel left the house."""

    parcel: Key
    description: str | None = None


class ParcelSentTurnedRound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A parcel left the house."""

    description: PersonalText | None = None
    parcel: Key


class ParcelSentInOtherWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same as before, explained better."""

    parcel: Key
    description: PersonalText | None = None


def schema_of(struct: type[msgspec.Struct], *topics: str) -> schemas.Schema:
    return schemas.schema_of(EventType("test.parcel.sent.v1", struct, Role.BEHAVIOUR, topics))


def digest_of(struct: type[msgspec.Struct], *topics: str) -> str:
    return schemas.shape_digest(schema_of(struct, *topics))


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_schema_has_the_shape_that_was_published(name: str) -> None:
    assert schemas.shape_digest(committed(name)) == generate.read_lock()[name]


def test_every_published_type_stands_in_the_lock_and_nothing_else() -> None:
    assert sorted(generate.read_lock()) == NAMES


def test_every_generated_file_is_current() -> None:
    stale = [
        path.name
        for path, text in generate.generated(generate.read_lock())
        if path.read_text("utf-8") != text
    ]

    assert stale == [], "run `make schemas`"


def test_no_schema_is_left_over_of_a_type_that_is_not_published() -> None:
    assert sorted(path.stem for path in (FOLDER / "events").iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_says_who_it_is_and_explains_itself(name: str) -> None:
    schema = committed(name)

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:holdfast:event:{name}"
    assert schema["title"] == name
    assert len(str(schema["description"])) > 20
    assert schema["additionalProperties"] is False


def test_personal_fields_are_told_by_their_path() -> None:
    personal = {name: committed(name)["x-pii"] for name in NAMES if committed(name)["x-pii"]}

    assert personal == {
        "crm.complaint.opened.v1": ["$.description"],
        "crm.complaint.reopened.v1": ["$.note"],
        "crm.complaint.resolved.v1": ["$.note"],
        "crm.customer.changed.v1": ["$.name", "$.contact"],
        "crm.interaction.recorded.v1": ["$.note"],
        "crm.customer.registered.v1": ["$.name", "$.contact"],
        "crm.order.placed.v1": ["$.lines[*].description"],
        "crm.order.returned.v1": ["$.lines[*].description"],
        "crm.task.closed.v1": ["$.note"],
        "crm.task.contact-logged.v1": ["$.note"],
        "crm.task.declined.v1": ["$.note"],
        "crm.task.noted.v1": ["$.note"],
    }


def test_a_schema_accepts_what_its_type_accepts_and_refuses_the_rest() -> None:
    validator = Draft202012Validator(schema_of(ParcelSent))

    validator.validate({"parcel": "P-1", "description": None})
    with pytest.raises(ValidationError, match="'parcel' is a required property"):
        validator.validate({})
    with pytest.raises(ValidationError, match="Additional properties"):
        validator.validate({"parcel": "P-1", "weight": 3})


def test_explaining_a_type_better_or_carrying_it_on_more_topics_leaves_its_shape() -> None:
    published = digest_of(ParcelSent, "crm.facts")

    assert digest_of(ParcelSentInOtherWords, "crm.facts", "crm.control") == published


def test_a_field_called_description_is_part_of_the_shape() -> None:
    class ParcelSentWithoutWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        """A parcel left the house."""

        parcel: Key

    assert digest_of(ParcelSentWithoutWords) != digest_of(ParcelSent)


@pytest.mark.parametrize(
    "changed", [ParcelSentWithWeight, ParcelSentNoLongerPersonal, ParcelSentTurnedRound]
)
def test_a_published_type_cannot_take_another_shape(changed: type[msgspec.Struct]) -> None:
    published = {"test.parcel.sent.v1": digest_of(ParcelSent)}

    with pytest.raises(schemas.PublishedSchemaChangedError) as caught:
        schemas.extend_lock(published, {"test.parcel.sent.v1": digest_of(changed)})

    assert caught.value.names == ("test.parcel.sent.v1",)
    assert "a new version name and an upcaster" in str(caught.value)


def test_a_published_type_cannot_go_away() -> None:
    published = {"test.parcel.sent.v1": "aa", "test.parcel.lost.v1": "bb"}

    with pytest.raises(schemas.PublishedSchemaChangedError, match=r"test\.parcel\.lost\.v1"):
        schemas.extend_lock(published, {"test.parcel.sent.v1": "aa"})


def test_a_new_type_joins_the_lock_in_the_order_of_names() -> None:
    published = {"test.parcel.sent.v1": "aa"}

    extended = schemas.extend_lock(
        published, {"test.parcel.sent.v1": "aa", "test.parcel.lost.v1": "bb"}
    )

    assert list(extended.items()) == [("test.parcel.lost.v1", "bb"), ("test.parcel.sent.v1", "aa")]


def test_the_generator_yields_nothing_when_a_published_schema_would_change() -> None:
    tampered = generate.read_lock() | {"crm.order.placed.v1": "00" * 32}

    with pytest.raises(schemas.PublishedSchemaChangedError, match=r"crm\.order\.placed\.v1"):
        next(generate.generated(tampered))


def test_the_lock_of_a_checkout_that_published_nothing_is_empty(tmp_path: Path) -> None:
    assert generate.read_lock(tmp_path / "published.lock") == {}


def test_a_registry_without_superseded_versions_publishes_just_its_types() -> None:
    entry = EventType("test.parcel.sent.v1", ParcelSent, Role.BEHAVIOUR, ("crm.facts",))

    assert list(schemas.published_types(Registry([entry]))) == [entry]
