"""The state: at most 1,024 bytes whatever the vocabulary allows, and the same bytes every time."""

import msgspec
import pytest

from domain.customer import state as states
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from domain.customer.usage import SERVICES_KEPT
from events.customers import AccountAssigned, CustomerRegistered
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerKind, CustomerRef, Money, Quantity
from tests.support.given import DAY, id_of, ref

FOLD = CustomerFold("GBP")
LONG_REF = CustomerRef("系" * 128, "客" * 128)
MOST = 10**13


def folded_worst_case(letter: str) -> CustomerState:
    """Years of everything, each field as long as it may be."""
    code = letter * 24
    facts: list[msgspec.Struct] = [
        CustomerRegistered(LONG_REF, CustomerKind.GROUP_MEDIUM, code, code, code, "名" * 500),
        AccountAssigned(LONG_REF, "A" * 40, "M" * 40),
    ]
    for number in range(SERVICES_KEPT + 2):
        service = f"{number}" + "s" * 23
        facts.append(UsageRecorded(LONG_REF, service, Quantity(1e15 / 3, "u" * 16)))
    facts.append(OrderPlaced(LONG_REF, "o" * 128, Money(MOST, "GBP")))
    facts.append(OrderReturned(LONG_REF, "r" * 128, Money(MOST, "GBP")))
    state: CustomerState | None = None
    for today in range(DAY, DAY + 300, 7):
        for fact in facts * 6:
            state = FOLD.fact(id_of("x"), state, fact, today - 3, today).state
    assert state is not None
    return FOLD.due_day(id_of("x"), state, DAY + 5_000).state


def after_half_a_century(state: CustomerState) -> CustomerState:
    """The same with every counter grown by what fifty years of it might add."""
    grown = {"orders": 300_000, "returns": 300_000, "days": 18_000, "first_day": -20_000}
    purchases = msgspec.structs.replace(state.purchases, **grown)
    services = tuple(
        msgspec.structs.replace(entry, days=18_000, first_day=-20_000)
        for entry in state.consumption.services
    )
    consumption = msgspec.structs.replace(state.consumption, services=services, left_out=1_000_000)
    return msgspec.structs.replace(
        state,
        purchases=purchases,
        consumption=consumption,
        facts=10_000_000,
        late_facts=10_000_000,
        silence=msgspec.structs.replace(state.silence, due_day=40_000, cleared_day=40_000),
    )


@pytest.mark.parametrize("letter", ["a", "é", "客"])
def test_a_state_is_never_more_than_a_kilobyte(letter: str) -> None:
    state = folded_worst_case(letter)
    assert state.master.region == letter * 24
    assert len(state.consumption.services) == SERVICES_KEPT
    assert state.has_standing()

    assert len(states.encode(state)) <= 1_024
    assert len(states.encode(after_half_a_century(state))) <= 1_024


def test_a_state_comes_back_from_its_bytes_as_it_was() -> None:
    state = folded_worst_case("客")

    assert states.decode(states.encode(state)) == state
    assert states.encode(states.decode(states.encode(state))) == states.encode(state)


def test_bytes_that_are_no_state_are_refused() -> None:
    data = states.encode(folded_worst_case("a"))

    for damaged in (b"", data[:-1], b"\xc1" + data[1:], data + b"\x00"):
        with pytest.raises(msgspec.DecodeError):
            states.decode(damaged)


def test_a_new_state_waits_for_nothing() -> None:
    new = CustomerState()

    assert new.due_day() is None
    assert not new.has_standing()
    assert len(states.encode(new)) < 128


def test_the_longest_key_of_a_customer_is_not_kept() -> None:
    order = OrderPlaced(LONG_REF, "o1", Money(5, "GBP"))
    short = OrderPlaced(ref("anna"), "o2", Money(5, "GBP"))

    assert FOLD.fact(id_of("x"), None, order, DAY, DAY) == FOLD.fact(
        id_of("x"), None, short, DAY, DAY
    )
