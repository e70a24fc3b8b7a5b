"""Superseded versions of the product: each is read for ever, as the version in use."""

import json
from pathlib import Path

import pytest

from events import codec
from events.catalogue import REGISTRY
from events.profiles import ComplaintFigures, ContactFigures, CustomerCard
from events.superseded import CustomerCardV1
from schemas import generate

EXAMPLES = Path(generate.__file__).parent / "examples"


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def card(version: int) -> CustomerCard:
    name = f"crm.customer.card.v{version}"
    read = REGISTRY.decode(name, example(name))
    assert isinstance(read, CustomerCard)
    return read


def test_a_card_of_version_1_is_read_without_complaints_and_contacts() -> None:
    lifted = card(1)

    assert lifted.complaints == ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None)
    assert lifted.contacts == ContactFigures(0.0, 0.0, None, None)


def test_a_card_of_version_1_keeps_all_that_it_said() -> None:
    said = json.loads(example("crm.customer.card.v1"))
    written = json.loads(codec.encode(card(1)))

    assert {field: written[field] for field in said} == said
    assert set(written) - set(said) == {"complaints", "contacts"}


def test_the_fields_of_both_versions_stand_in_one_order() -> None:
    first, second = CustomerCardV1.__struct_fields__, CustomerCard.__struct_fields__

    assert tuple(field for field in second if field in first) == first


def test_what_was_lifted_is_written_as_version_2() -> None:
    assert REGISTRY.name_of(card(1)) == "crm.customer.card.v2"
    assert REGISTRY.decode("crm.customer.card.v2", codec.encode(card(1))) == card(1)


def test_a_card_of_version_2_is_not_taken_for_one_of_version_1() -> None:
    with pytest.raises(ValueError, match="unknown field `complaints`"):
        REGISTRY.decode("crm.customer.card.v1", example("crm.customer.card.v2"))


def test_version_1_cannot_be_written_any_more() -> None:
    with pytest.raises(KeyError):
        REGISTRY.name_of(
            CustomerCardV1(*[getattr(card(1), name) for name in CustomerCardV1.__struct_fields__])
        )
