"""The registry: types are found by name, bytes of any published version are read, the rest is refused."""

import datetime

import msgspec
import pytest

from events import catalogue
from events.catalogue import REGISTRY
from events.marks import DayOpened
from events.registry import Registry, Role, UnknownEventTypeError
from events.usage import UsageRecorded

FACT_NAMES = [
    "crm.account.assigned.v1",
    "crm.complaint.opened.v1",
    "crm.complaint.reopened.v1",
    "crm.complaint.resolved.v1",
    "crm.customer.changed.v1",
    "crm.customer.registered.v1",
    "crm.interaction.recorded.v1",
    "crm.order.placed.v1",
    "crm.order.returned.v1",
    "crm.retention.closed.v1",
    "crm.usage.recorded.v1",
]


def test_published_names_are_these_and_never_go_away() -> None:
    assert sorted(REGISTRY.types) == [
        "crm.account.assigned.v1",
        "crm.anomaly.cleared.v2",
        "crm.anomaly.raised.v3",
        "crm.clock.mode-set.v1",
        "crm.complaint.opened.v1",
        "crm.complaint.reopened.v1",
        "crm.complaint.resolved.v1",
        "crm.customer.card.v3",
        "crm.customer.changed.v1",
        "crm.customer.placed.v1",
        "crm.customer.registered.v1",
        "crm.day.closed.v1",
        "crm.day.opened.v2",
        "crm.emitting.v1",
        "crm.import.ended.v1",
        "crm.import.started.v1",
        "crm.interaction.recorded.v1",
        "crm.log.created.v1",
        "crm.model.decided.v1",
        "crm.order.placed.v1",
        "crm.order.returned.v1",
        "crm.projection.created.v1",
        "crm.retention.closed.v1",
        "crm.risk.cleared.v1",
        "crm.risk.raised.v1",
        "crm.risk.standing.v3",
        "crm.signal.judged.v1",
        "crm.snapshot.taken.v1",
        "crm.source.scheduled.v1",
        "crm.standing.ended.v1",
        "crm.task.accepted.v1",
        "crm.task.claimed.v1",
        "crm.task.closed.v1",
        "crm.task.contact-logged.v1",
        "crm.task.declined.v1",
        "crm.task.evidence-added.v2",
        "crm.task.evidence-cleared.v1",
        "crm.task.noted.v1",
        "crm.task.offer-timed-out.v1",
        "crm.task.offered.v1",
        "crm.task.placed.v1",
        "crm.task.raised.v2",
        "crm.task.reassigned.v1",
        "crm.task.reopened.v1",
        "crm.task.snoozed.v1",
        "crm.task.woken.v1",
        "crm.usage.recorded.v1",
    ]


def test_superseded_names_are_these_and_are_still_read() -> None:
    assert {name: REGISTRY.current_name(name) for name in REGISTRY.upcasters} == {
        "crm.customer.card.v1": "crm.customer.card.v3",
        "crm.customer.card.v2": "crm.customer.card.v3",
        "crm.day.opened.v1": "crm.day.opened.v2",
        "crm.anomaly.raised.v1": "crm.anomaly.raised.v3",
        "crm.anomaly.raised.v2": "crm.anomaly.raised.v3",
        "crm.anomaly.cleared.v1": "crm.anomaly.cleared.v2",
        "crm.risk.standing.v1": "crm.risk.standing.v3",
        "crm.risk.standing.v2": "crm.risk.standing.v3",
        "crm.task.evidence-added.v1": "crm.task.evidence-added.v2",
        "crm.task.raised.v1": "crm.task.raised.v2",
    }


def test_a_name_and_its_struct_lead_to_each_other() -> None:
    opened = REGISTRY.decode("crm.day.opened.v1", b'{"day":"2011-01-26"}')

    assert REGISTRY.name_of(opened) == "crm.day.opened.v2"


def test_no_struct_stands_under_two_names() -> None:
    structs = [entry.struct for entry in catalogue.TYPES]

    assert len(set(structs)) == len(structs)


@pytest.mark.parametrize("name", sorted(REGISTRY.types))
def test_names_bear_a_version(name: str) -> None:
    subject, _, version = name.rpartition(".v")

    assert subject.startswith("crm.")
    assert int(version) >= 1


@pytest.mark.parametrize("name", sorted(REGISTRY.types))
def test_published_structs_are_frozen_and_refuse_fields_they_do_not_know(name: str) -> None:
    config = REGISTRY.types[name].struct.__struct_config__

    assert config.frozen
    assert config.forbid_unknown_fields


@pytest.mark.parametrize("name", FACT_NAMES)
def test_facts_may_enter_the_log(name: str) -> None:
    entry = REGISTRY.fact_type(name)

    assert entry.name == name
    assert entry.role in {Role.BEHAVIOUR, Role.MASTER_DATA}


@pytest.mark.parametrize("name", sorted(set(REGISTRY.types) - set(FACT_NAMES)))
def test_marks_control_records_and_outputs_may_not_be_sent_as_facts(name: str) -> None:
    with pytest.raises(UnknownEventTypeError):
        REGISTRY.fact_type(name)


def test_behaviour_is_told_from_master_data() -> None:
    roles = {name: REGISTRY.fact_type(name).role for name in FACT_NAMES}

    assert roles == {
        "crm.account.assigned.v1": Role.MASTER_DATA,
        "crm.complaint.opened.v1": Role.BEHAVIOUR,
        "crm.complaint.reopened.v1": Role.BEHAVIOUR,
        "crm.complaint.resolved.v1": Role.BEHAVIOUR,
        "crm.customer.changed.v1": Role.MASTER_DATA,
        "crm.customer.registered.v1": Role.MASTER_DATA,
        "crm.interaction.recorded.v1": Role.BEHAVIOUR,
        "crm.order.placed.v1": Role.BEHAVIOUR,
        "crm.order.returned.v1": Role.BEHAVIOUR,
        "crm.retention.closed.v1": Role.BEHAVIOUR,
        "crm.usage.recorded.v1": Role.BEHAVIOUR,
    }


@pytest.mark.parametrize(
    "name",
    [
        "",
        "crm.order.placed",
        "crm.order.placed.v2",
        "CRM.ORDER.PLACED.V1",
        "crm.order.placed.v1 ",
        "events.orders.OrderPlaced",
    ],
)
def test_a_name_that_was_never_published_is_unknown(name: str) -> None:
    with pytest.raises(UnknownEventTypeError) as caught:
        REGISTRY.decode(name, b"{}")

    assert caught.value.name == name
    assert repr(name) in str(caught.value)


def test_an_unknown_type_is_told_from_a_wrong_field_and_from_garbage() -> None:
    with pytest.raises(UnknownEventTypeError):
        REGISTRY.decode("crm.nothing.v1", b"{}")
    with pytest.raises(msgspec.ValidationError, match="missing required field `day`"):
        REGISTRY.decode("crm.day.opened.v1", b"{}")
    with pytest.raises(msgspec.DecodeError, match="malformed"):
        REGISTRY.decode("crm.day.opened.v1", b"day")


def test_bytes_become_the_struct_of_their_type() -> None:
    usage = (
        b'{"customer":{"system":"probe","key":"1"},"service":"voice",'
        b'"quantity":{"value":3.5,"unit":"min"}}'
    )

    assert isinstance(REGISTRY.decode("crm.usage.recorded.v1", usage), UsageRecorded)
    assert isinstance(REGISTRY.decode("crm.day.opened.v1", b'{"day":"2011-01-26"}'), DayOpened)


def test_a_struct_that_is_not_registered_has_no_name() -> None:
    without_days = Registry([each for each in catalogue.TYPES if each.struct is not DayOpened])

    with pytest.raises(KeyError):
        without_days.name_of(DayOpened(datetime.date(2011, 1, 26)))
