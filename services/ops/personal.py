"""What a customer is called and how it is reached: personal fields, for cards that people read."""

from collections.abc import Sequence

import msgspec

from events.catalogue import REGISTRY
from events.customers import ClearableField, CustomerChanged, CustomerRegistered
from infra.log.records import FactRecord


class Personal(msgspec.Struct, frozen=True):
    """Name and contact as they stand; null where they were never given, or taken away."""

    name: str | None = None
    contact: str | None = None


def personal_of(facts: Sequence[FactRecord]) -> Personal:
    """Return what facts in the order of the log say: what is registered whole stands anew."""
    known = Personal()
    for fact in facts:
        match REGISTRY.decode(fact.type, fact.data):
            case CustomerRegistered(name=name, contact=contact):
                known = Personal(name, contact)
            case CustomerChanged() as changed:
                known = _after(known, changed)
            case _:
                continue
    return known


def _after(known: Personal, changed: CustomerChanged) -> Personal:
    kept_name = None if ClearableField.NAME in changed.cleared else known.name
    kept_contact = None if ClearableField.CONTACT in changed.cleared else known.contact
    return Personal(changed.name or kept_name, changed.contact or kept_contact)
