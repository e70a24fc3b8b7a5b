"""The state: at most 1,024 bytes whatever the vocabulary allows, and the same bytes every time."""

import msgspec
import pytest

from domain.customer import state as states
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from events.complaints import ComplaintOpened, ComplaintReopened, ComplaintResolved, Severity
from events.customers import AccountAssigned, CustomerChanged, CustomerRegistered
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerKind, CustomerRef, Money, Quantity
from tests.support.given import DAY, id_of, ref

FOLD = CustomerFold("GBP")
LONG_REF = CustomerRef("系" * 128, "客" * 128)
MOST = 10**13


def folded_worst_case(letter: str, length: int = 24, unit: str = "u" * 16) -> CustomerState:
    """Years of everything, each field as long as it may be; services of so many characters."""
    code = letter * 24
    facts: list[msgspec.Struct] = [
        CustomerRegistered(LONG_REF, CustomerKind.GROUP_MEDIUM, code, code, code, "名" * 500),
        AccountAssigned(LONG_REF, "A" * 40, "M" * 40),
    ]
    facts += [
        UsageRecorded(LONG_REF, f"{number}".ljust(length, "s"), Quantity(1e15 / 3, unit))
        for number in range(9)
    ]
    facts += [*changes(code), *complaints(code)]
    facts.append(OrderPlaced(LONG_REF, "o" * 128, Money(MOST, "GBP")))
    facts.append(OrderReturned(LONG_REF, "r" * 128, Money(MOST, "GBP")))
    state: CustomerState | None = None
    for today in range(DAY, DAY + 300, 7):
        for fact in facts * 6:
            state = FOLD.fact(id_of("x"), state, fact, today - 3, today).state
    assert state is not None
    return FOLD.due_day(id_of("x"), state, DAY + 5_000).state


def changes(code: str) -> list[msgspec.Struct]:
    """A change of every field, and contacts on the channel with the longest name."""
    return [
        CustomerChanged(LONG_REF, CustomerKind.GROUP_MEDIUM, code, code, code, "名" * 500),
        InteractionRecorded(LONG_REF, Channel.VISIT, Direction.INBOUND, code, code),
        InteractionRecorded(LONG_REF, Channel.EMAIL, Direction.OUTBOUND, code, code),
    ]


def complaints(code: str) -> list[msgspec.Struct]:
    """More complaints than are kept, each of them resolved and open again in the end."""
    ids = ["é" * 127 + str(number) for number in range(6)]
    return [
        *(ComplaintOpened(LONG_REF, name, code, Severity.CRITICAL) for name in ids),
        *(ComplaintResolved(LONG_REF, name, code) for name in ids),
        *(ComplaintReopened(LONG_REF, name, Severity.HIGH) for name in ids),
    ]


def after_half_a_century(state: CustomerState) -> CustomerState:
    """The same with every counter grown by what fifty years of it might add."""
    grown = {"orders": 300_000, "returns": 300_000, "days": 18_000, "first_day": -20_000}
    purchases = msgspec.structs.replace(state.purchases, **grown)
    services = tuple(
        msgspec.structs.replace(entry, days=18_000, first_day=-20_000)
        for entry in state.consumption.services
    )
    consumption = msgspec.structs.replace(state.consumption, services=services, left_out=1_000_000)
    counts = {"opened": 60_000, "resolved": 60_000, "reopened": 60_000, "unsatisfied": 60_000}
    known = msgspec.structs.replace(state.complaints.known, more_open=60_000)
    return msgspec.structs.replace(
        state,
        purchases=purchases,
        complaints=msgspec.structs.replace(state.complaints, known=known, **counts),
        consumption=consumption,
        facts=10_000_000,
        late_facts=10_000_000,
        silence=msgspec.structs.replace(state.silence, due_day=40_000, cleared_day=40_000),
    )


@pytest.mark.parametrize(
    ("length", "unit", "services"), [(24, "u" * 16, 4), (11, "GB", 6), (1, "u", 7)]
)
@pytest.mark.parametrize("letter", ["a", "é", "客", "𠮷"])
def test_a_state_is_never_more_than_a_kilobyte(
    letter: str, length: int, unit: str, services: int
) -> None:
    state = folded_worst_case(letter, length, unit)
    assert state.master.region == letter * 24
    assert len(state.consumption.services) == services
    assert state.complaints.known.open_count() > 4
    assert len(state.complaints.known.kept) == 4
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
    assert len(states.encode(new)) <= 160


def test_the_longest_key_of_a_customer_is_not_kept() -> None:
    order = OrderPlaced(LONG_REF, "o1", Money(5, "GBP"))
    short = OrderPlaced(ref("anna"), "o2", Money(5, "GBP"))

    assert FOLD.fact(id_of("x"), None, order, DAY, DAY) == FOLD.fact(
        id_of("x"), None, short, DAY, DAY
    )
