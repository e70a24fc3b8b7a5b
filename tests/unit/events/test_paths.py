"""Where personal text and money stand in a struct, however deep, and what is found there."""

import msgspec
import pytest

from events.catalogue import REGISTRY
from events.complaints import ComplaintOpened, ComplaintResolved
from events.orders import OrderLine, OrderPlaced
from events.paths import EACH, money_paths, personal_paths, values_at, written
from events.usage import UsageRecorded
from events.values import CustomerRef, Money, PersonalText, Quantity

REF = CustomerRef("shop", "17850")
POUNDS, EUROS = Money(5, "GBP"), Money(7, "EUR")


class Fee(msgspec.Struct, frozen=True):
    """One fee of several."""

    price: Money
    reason: PersonalText


class Statement(msgspec.Struct, frozen=True):
    """Money in every place where it can stand."""

    total: Money
    fees: tuple[Fee, ...] = ()
    refunds: tuple[Money, ...] | None = None
    discount: Money | None = None


def test_money_is_found_at_every_depth() -> None:
    assert money_paths(Statement) == (
        ("total",),
        ("fees", EACH, "price"),
        ("refunds", EACH),
        ("discount",),
    )


def test_personal_text_is_found_at_every_depth() -> None:
    assert personal_paths(Statement) == (("fees", EACH, "reason"),)


def test_the_facts_that_hold_money_are_these() -> None:
    holding = {
        name: money_paths(entry.struct)
        for name, entry in REGISTRY.types.items()
        if name in REGISTRY.facts and money_paths(entry.struct)
    }

    assert holding == {
        "crm.order.placed.v1": (("total",),),
        "crm.order.returned.v1": (("total",),),
        "crm.complaint.resolved.v1": (("compensation",),),
    }


def test_facts_without_money_have_no_path() -> None:
    assert money_paths(UsageRecorded) == money_paths(ComplaintOpened) == ()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (Statement(POUNDS), [[POUNDS], [], [], []]),
        (
            Statement(POUNDS, (Fee(EUROS, "a"), Fee(POUNDS, "b")), (EUROS,), EUROS),
            [[POUNDS], [EUROS, POUNDS], [EUROS], [EUROS]],
        ),
        (Statement(POUNDS, (), ()), [[POUNDS], [], [], []]),
    ],
)
def test_what_stands_at_a_path_is_found(statement: Statement, found: list[list[Money]]) -> None:
    assert [list(values_at(statement, path)) for path in money_paths(Statement)] == found


def test_a_path_without_steps_is_the_value_itself() -> None:
    assert list(values_at(POUNDS, ())) == [POUNDS]
    assert list(values_at(None, ())) == []


def test_a_missing_compensation_is_nothing() -> None:
    resolved = ComplaintResolved(REF, "c1", "refund")

    assert list(values_at(resolved, ("compensation",))) == []


def test_a_path_leads_into_each_item_of_a_list() -> None:
    line = OrderLine("A", Quantity(1.0, "piece"), 5)
    order = OrderPlaced(REF, "o1", POUNDS, (line, line))

    assert list(values_at(order, ("lines", EACH, "amount"))) == [5, 5]


def test_a_path_is_written_as_schemas_write_it() -> None:
    assert written(()) == "$"
    assert written(("fees", EACH, "price", "currency")) == "$.fees[*].price.currency"
