"""What stands in the log is decoded without the door's checks, and says the same."""

import datetime

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from events import codec
from events.catalogue import REGISTRY
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import (
    AccountAssigned,
    ClearableField,
    CustomerChanged,
    CustomerRegistered,
)
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderLine, OrderPlaced, OrderReturned
from events.registry import UnknownEventTypeError
from events.retention import RetentionClosed
from events.signals import SignalReason
from events.task_values import Outcome
from events.usage import UsageRecorded
from events.values import CustomerKind, CustomerRef, Money, Quantity
from infra.stream.recall import recall
from tests.support.given import DAY, id_of

ANNA = CustomerRef("shop", "anna")
LINES = (
    OrderLine("LANTERN", Quantity(2.0, "piece"), 500, "white hanging lantern"),
    OrderLine("CANDLE", Quantity(6.0, "piece"), 120),
)
FACTS: list[msgspec.Struct] = [
    UsageRecorded(ANNA, "mobile-data", Quantity(1.25, "GB")),
    OrderPlaced(ANNA, "o1", Money(620, "GBP"), LINES),
    OrderPlaced(ANNA, "o2", Money(620, "GBP")),
    OrderReturned(ANNA, "r1", Money(500, "GBP"), "o1", LINES[:1]),
    OrderReturned(ANNA, "r2", Money(500, "GBP")),
    CustomerRegistered(ANNA, CustomerKind.GROUP_SMALL, "gold", "retail", "north", "Anna"),
    CustomerRegistered(ANNA, CustomerKind.VIP),
    AccountAssigned(ANNA, "A-1", "M-7"),
    AccountAssigned(ANNA, "A-1"),
    CustomerChanged(ANNA, kind=CustomerKind.VIP, cleared=(ClearableField.TIER,)),
    InteractionRecorded(ANNA, Channel.CALL, Direction.INBOUND, "billing", "answered"),
    ComplaintOpened(ANNA, "c1", "billing", Severity.HIGH),
    ComplaintResolved(ANNA, "c1", "refund", Satisfaction.SATISFIED, Money(500, "GBP")),
    ComplaintReopened(ANNA, "c1"),
    RetentionClosed(
        ANNA,
        "t1",
        SignalReason.CHURN_RISK,
        Outcome.UNREACHABLE,
        datetime.date(2011, 9, 12),
        2,
        "M-7",
    ),
]
ids = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)


def test_every_type_of_fact_is_tried_here() -> None:
    assert {REGISTRY.name_of(fact) for fact in FACTS} == REGISTRY.facts


@ids
def test_a_fact_is_recalled_as_an_instance_of_its_struct(fact: msgspec.Struct) -> None:
    recalled = recall(REGISTRY.name_of(fact), codec.encode(fact))

    assert isinstance(recalled, type(fact))
    assert msgspec.to_builtins(recalled) == msgspec.to_builtins(fact)


@ids
def test_a_recalled_fact_has_the_same_canonical_bytes(fact: msgspec.Struct) -> None:
    data = codec.encode(fact)

    assert codec.encode(recall(REGISTRY.name_of(fact), data)) == data


@ids
def test_a_recalled_fact_folds_to_the_same_state_and_outputs(fact: msgspec.Struct) -> None:
    fold, anna = CustomerFold("GBP"), id_of("anna")
    name, data = REGISTRY.name_of(fact), codec.encode(fact)

    recalled = fold.fact(anna, None, recall(name, data), DAY, DAY)
    checked = fold.fact(anna, None, REGISTRY.decode(name, data), DAY, DAY)

    assert recalled == checked


def test_a_field_of_another_type_is_still_refused() -> None:
    data = b'{"customer":{"system":"shop","key":"anna"},"service":7,"quantity":{"value":1,"unit":"GB"}}'

    with pytest.raises(
        msgspec.ValidationError, match=r"Expected `str`, got `int` - at `\$.service`"
    ):
        recall("crm.usage.recorded.v1", data)


def test_bytes_that_are_no_json_are_still_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        recall("crm.usage.recorded.v1", b'{"customer":')


def test_what_only_the_door_checks_is_not_checked_again() -> None:
    data = (
        b'{"customer":{"system":"","key":"anna"},"service":"!","quantity":{"value":-1,"unit":""}}'
    )

    recalled = recall("crm.usage.recorded.v1", data)

    assert msgspec.to_builtins(recalled)["quantity"] == {"value": -1.0, "unit": ""}


def test_an_unknown_type_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownEventTypeError, match=r"crm\.weather\.changed\.v1"):
        recall("crm.weather.changed.v1", b"{}")
