"""Opaque customer ids: derived, stable, and never shared by two names."""

import uuid

import pytest
from hypothesis import assume, given

from events.identity import CustomerNamespace
from events.values import CustomerRef
from tests.unit.events.strategies import values_of

SPACE = CustomerNamespace("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
OTHER_SPACE = CustomerNamespace("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def test_the_same_name_always_gives_the_same_id() -> None:
    assert SPACE.id_of(CustomerRef("shop", "17850")) == "c1e66d9c-17f8-5159-9ac8-5eb2acbf9654"


def test_another_namespace_gives_another_id() -> None:
    ref = CustomerRef("shop", "17850")

    assert SPACE.id_of(ref) != OTHER_SPACE.id_of(ref)


def test_the_namespace_is_read_however_it_is_written() -> None:
    shouted = CustomerNamespace("{6BA7B811-9DAD-11D1-80B4-00C04FD430C8}")

    assert shouted.id_of(CustomerRef("shop", "1")) == SPACE.id_of(CustomerRef("shop", "1"))


def test_a_key_cannot_slide_into_the_name_of_its_system() -> None:
    assert SPACE.id_of(CustomerRef("shop", "1:2")) != SPACE.id_of(CustomerRef("shop:1", "2"))
    assert SPACE.id_of(CustomerRef("ab", "c")) != SPACE.id_of(CustomerRef("a", "bc"))


def test_a_key_is_taken_to_the_letter() -> None:
    ids = {SPACE.id_of(CustomerRef("shop", key)) for key in ("17850", "017850", "17850 ", "１7850")}

    assert len(ids) == 4


@given(left=values_of(CustomerRef), right=values_of(CustomerRef))
def test_two_names_never_share_an_id(left: CustomerRef, right: CustomerRef) -> None:
    assume(left != right)

    assert SPACE.id_of(left) != SPACE.id_of(right)


@given(ref=values_of(CustomerRef))
def test_an_id_is_a_uuid_of_version_five_in_its_text_form(ref: CustomerRef) -> None:
    customer_id = SPACE.id_of(ref)

    assert len(customer_id) == 36
    assert str(uuid.UUID(customer_id)) == customer_id
    assert uuid.UUID(customer_id).version == 5


@pytest.mark.parametrize(
    "namespace", ["", "shop", "6ba7b811", "6ba7b811-9dad-11d1-80b4-zzzzzzzzzzzz"]
)
def test_a_namespace_that_is_no_uuid_is_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match=r"badly formed|invalid literal"):
        CustomerNamespace(namespace)
