"""Upcasting, on a type made for this test: two steps lift the first version to the third.

The first version measured in kilograms, the second named its unit, the third split the customer's
name in two.
"""

import msgspec
import pytest

from events import codec, schemas
from events.registry import EventType, Registry, Role, UnknownEventTypeError, Upcaster
from events.values import Key, Magnitude, Quantity


class ParcelWeighedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As first published: always kilograms."""

    parcel: Key
    kilograms: Magnitude


class ParcelWeighedV2(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any unit."""

    parcel: Key
    weight: Quantity


class ParcelWeighed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scale that weighed is known too."""

    parcel: Key
    weight: Quantity
    scale: Key


def name_the_unit(old: ParcelWeighedV1) -> ParcelWeighedV2:
    return ParcelWeighedV2(old.parcel, Quantity(old.kilograms, "kg"))


def name_the_scale(old: ParcelWeighedV2) -> ParcelWeighed:
    return ParcelWeighed(old.parcel, old.weight, scale="unknown")


REGISTRY = Registry(
    types=[EventType("test.parcel.weighed.v3", ParcelWeighed, Role.BEHAVIOUR, ("crm.facts",))],
    upcasters=[
        Upcaster.of(
            "test.parcel.weighed.v2", ParcelWeighedV2, "test.parcel.weighed.v3", name_the_scale
        ),
        Upcaster.of(
            "test.parcel.weighed.v1", ParcelWeighedV1, "test.parcel.weighed.v2", name_the_unit
        ),
    ],
)
V1 = b'{"parcel":"P-1","kilograms":2.5}'
V2 = b'{"parcel":"P-1","weight":{"value":2500.0,"unit":"g"}}'
V3 = b'{"parcel":"P-1","weight":{"value":2500.0,"unit":"g"},"scale":"S-9"}'


def test_the_version_in_use_is_read_as_it_is() -> None:
    event = REGISTRY.decode("test.parcel.weighed.v3", V3)

    assert event == ParcelWeighed("P-1", Quantity(2500.0, "g"), "S-9")


def test_a_superseded_version_is_lifted_one_step() -> None:
    event = REGISTRY.decode("test.parcel.weighed.v2", V2)

    assert event == ParcelWeighed("P-1", Quantity(2500.0, "g"), "unknown")


def test_an_older_version_is_lifted_through_every_step_between() -> None:
    event = REGISTRY.decode("test.parcel.weighed.v1", V1)

    assert event == ParcelWeighed("P-1", Quantity(2.5, "kg"), "unknown")


def test_what_was_lifted_is_written_as_the_version_in_use() -> None:
    event = REGISTRY.decode("test.parcel.weighed.v1", V1)

    assert REGISTRY.name_of(event) == "test.parcel.weighed.v3"
    assert REGISTRY.decode("test.parcel.weighed.v3", codec.encode(event)) == event


@pytest.mark.parametrize(
    "published", ["test.parcel.weighed.v1", "test.parcel.weighed.v2", "test.parcel.weighed.v3"]
)
def test_every_published_version_may_still_be_sent(published: str) -> None:
    entry = REGISTRY.fact_type(published)

    assert entry.name == REGISTRY.current_name(published) == "test.parcel.weighed.v3"
    assert entry.struct is ParcelWeighed


def test_a_superseded_version_is_held_to_its_own_shape() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `weight`"):
        REGISTRY.decode("test.parcel.weighed.v1", V2)
    with pytest.raises(msgspec.ValidationError, match=r"`float` >= 0.0 - at `\$.kilograms`"):
        REGISTRY.decode("test.parcel.weighed.v1", b'{"parcel":"P-1","kilograms":-1}')


def test_a_superseded_struct_cannot_be_written_any_more() -> None:
    with pytest.raises(KeyError):
        REGISTRY.name_of(ParcelWeighedV1("P-1", 2.5))


def test_a_version_that_never_was_is_unknown() -> None:
    with pytest.raises(UnknownEventTypeError, match=r"test\.parcel\.weighed\.v4"):
        REGISTRY.fact_type("test.parcel.weighed.v4")
    with pytest.raises(UnknownEventTypeError, match=r"test\.parcel\.weighed\.v4"):
        REGISTRY.decode("test.parcel.weighed.v4", V3)


def test_superseded_versions_keep_their_schema_with_the_role_of_their_successor() -> None:
    by_name = {entry.name: entry for entry in schemas.published_types(REGISTRY)}

    assert list(by_name) == [
        "test.parcel.weighed.v3",
        "test.parcel.weighed.v2",
        "test.parcel.weighed.v1",
    ]
    oldest = schemas.schema_of(by_name["test.parcel.weighed.v1"])
    assert oldest["required"] == ["parcel", "kilograms"]
    assert oldest["x-role"] == "behaviour"
    assert oldest["x-topics"] == ["crm.facts"]


def test_an_upcaster_lifts_no_other_struct_than_its_own() -> None:
    to_v2 = REGISTRY.upcasters["test.parcel.weighed.v1"]

    with pytest.raises(
        TypeError, match=r"test\.parcel\.weighed\.v1 is not what ParcelWeighed says"
    ):
        to_v2.lift(ParcelWeighed("P-1", Quantity(1.0, "kg"), "S-9"))
