"""An event of an older version keeps it in the log, so that sending it again is still the same."""

import msgspec

from events.registry import EventType, Registry, Role, Upcaster
from events.usage import UsageRecorded
from events.values import CustomerRef, Magnitude, Quantity, ServiceCode
from infra.log.records import NewFact
from services.ingest.door import Door, Refusal
from tests.unit.ingest.door_given import LONDON, at, event, head

OLD, NEW = "test.usage.v1", "test.usage.v2"
OLD_DATA = b'{ "gigabytes": 1.5, "service": "data", "customer": {"system": "billing", "key": "7"}}'


class UsageInGigabytes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As first published: always gigabytes."""

    customer: CustomerRef
    service: ServiceCode
    gigabytes: Magnitude


def name_the_unit(old: UsageInGigabytes) -> UsageRecorded:
    return UsageRecorded(old.customer, old.service, Quantity(old.gigabytes, "GB"))


BEFORE = Registry([EventType(OLD, UsageInGigabytes, Role.BEHAVIOUR, ("crm.facts",))])
AFTER = Registry(
    [EventType(NEW, UsageRecorded, Role.BEHAVIOUR, ("crm.facts",))],
    [Upcaster(OLD, UsageInGigabytes, NEW, name_the_unit)],
)


def admitted(registry: Registry, type_name: str, data: bytes) -> NewFact:
    door = Door(LONDON, registry)
    fact = door.admit(event(type_name, data), door.now(head(), at("2026-03-14T12:00:00+00:00")))
    assert not isinstance(fact, Refusal)
    return fact


def test_an_event_of_an_older_version_is_the_same_fact_in_the_next_release() -> None:
    before, after = admitted(BEFORE, OLD, OLD_DATA), admitted(AFTER, OLD, OLD_DATA)

    assert after == before
    assert after.body_digest() == before.body_digest()


def test_a_fact_of_an_older_version_is_lifted_when_it_is_read() -> None:
    fact = admitted(AFTER, OLD, OLD_DATA)

    assert fact.type == OLD
    assert fact.data == (
        b'{"customer":{"system":"billing","key":"7"},"service":"data","gigabytes":1.5}'
    )
    lifted = AFTER.decode(fact.type, fact.data)
    assert lifted == UsageRecorded(CustomerRef("billing", "7"), "data", Quantity(1.5, "GB"))


def test_a_fault_in_an_older_version_is_named_by_its_own_field() -> None:
    door = Door(LONDON, AFTER)
    faulty = event(OLD, OLD_DATA.replace(b"1.5", b"-1"))

    refusal = door.admit(faulty, door.now(head(), at("2026-03-14T12:00:00+00:00")))

    assert isinstance(refusal, Refusal)
    assert refusal.field == "$.data.gigabytes"
