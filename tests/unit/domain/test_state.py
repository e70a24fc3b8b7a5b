"""The state: at most 1,024 bytes whatever the vocabulary allows, and the same bytes every time."""

import msgspec
import pytest

from domain.customer import state as states
from domain.customer.anomalies import anomalies
from domain.customer.feeds import FeedClosing
from domain.customer.fold import CustomerFold
from domain.customer.master_data import MasterData
from domain.customer.room import room_for_services
from domain.customer.state import CustomerState
from domain.customer.usage import SERVICE_TAKES, ServiceUsage
from domain.detection.metered_watch import Watch, pack
from domain.detection.metering import Level, Surprise
from events.complaints import ComplaintOpened, ComplaintReopened, ComplaintResolved, Severity
from events.customers import AccountAssigned, CustomerChanged, CustomerRegistered
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerKind, CustomerRef, Money, Quantity
from tests.support.given import DAY, id_of, ref

FOLD = CustomerFold("GBP")
SEASONED = Watch(DAY, (1.0, 1.0), Level(counted=60, based=60))
LONG_REF = CustomerRef("系" * 128, "客" * 128)
MOST = 10**13


def folded_worst_case(
    letter: str, length: int = 24, unit: str = "u" * 16, delay: int | None = None
) -> CustomerState:
    """Years of everything, each field as long as it may be; services of so many characters.

    With a delay, every service has a feed that comes so many days late.
    """
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
    if delay is not None:
        state = watched_to_the_full(state, facts, DAY + 300, delay)
    return FOLD.due_day(id_of("x"), without_due_use(state), DAY + 5_000).state


def without_due_use(state: CustomerState) -> CustomerState:
    """The same with nothing to ask of its consumption, so that a watch stays as it is."""
    consumption = msgspec.structs.replace(state.consumption, due_day=None)
    return msgspec.structs.replace(state, consumption=consumption)


def watched_to_the_full(
    state: CustomerState, facts: list[msgspec.Struct], first: int, delay: int
) -> CustomerState:
    """As many services as there is room for, used every day, and then not: a drop stands of each."""
    used = [fact for fact in facts if isinstance(fact, UsageRecorded)]
    takes = SERVICE_TAKES + len(used[0].service) + len(used[0].quantity.unit) + 55 + 4 * (delay + 1)
    used = used[: room_for_services(state.master) // takes]
    for today in range(first, first + 90):
        feeds = {fact.service: (FeedClosing(today - 1 - delay, arrived=True),) for fact in used}
        state = FOLD.due_day(id_of("x"), state, today, feeds=feeds).state
        for fact in used if today < first + 88 - delay else ():
            state = FOLD.fact(id_of("x"), state, fact, today, today).state
    return state


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
        msgspec.structs.replace(entry, days=18_000, first_day=-20_000, last_day=40_000)
        for entry in state.consumption.services
    )
    consumption = msgspec.structs.replace(
        state.consumption, services=services, left_out=1_000_000, due_day=40_000, ask_from=40_000
    )
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


MOST_SERVICES = [
    *[("a", 24, "u" * 16, 4), ("a", 11, "GB", 6), ("a", 1, "u", 8)],
    *[("é", 24, "u" * 16, 3), ("é", 11, "GB", 5), ("é", 1, "u", 6)],
    *[("客", 24, "u" * 16, 3), ("客", 11, "GB", 4), ("客", 1, "u", 5)],
    *[("𠮷", 24, "u" * 16, 2), ("𠮷", 11, "GB", 3), ("𠮷", 1, "u", 3)],
]
"""The letter that master data is made of, how long services and their unit are, and how many fit."""


@pytest.mark.parametrize(("letter", "length", "unit", "services"), MOST_SERVICES)
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


@pytest.mark.parametrize("delay", [0, 7])
@pytest.mark.parametrize("unit", ["u" * 16, "u"])
@pytest.mark.parametrize("letter", ["a", "é", "客", "𠮷"])
def test_a_state_whose_services_are_watched_is_no_larger(
    letter: str, unit: str, delay: int
) -> None:
    state = folded_worst_case(letter, 24 if len(unit) > 1 else 1, unit, delay)
    stand = [entry.anomaly.surprise for entry in anomalies(state.consumption)]

    assert stand == [Surprise.DROP] * sum(
        entry.watch != b"" for entry in state.consumption.services
    )
    assert len(stand) >= 1
    assert len(states.encode(after_half_a_century(state))) <= 1_024


def test_master_data_that_grows_takes_room_from_the_services_longest_unused() -> None:
    state: CustomerState | None = None
    for number in range(9):
        used = UsageRecorded(LONG_REF, f"service-{number}", Quantity(1.0, "GB"))
        state = FOLD.fact(id_of("x"), state, used, DAY + number, DAY + number).state
    assert state is not None
    assert state.consumption.left_out == 0

    grown = FOLD.fact(id_of("x"), state, changes("𠮷" * 24)[0], DAY + 9, DAY + 9).state

    assert [entry.service for entry in grown.consumption.services] == [
        "service-5",
        "service-6",
        "service-7",
        "service-8",
    ]
    assert grown.consumption.left_out == 5


def test_an_ordinary_customer_has_room_for_four_watched_services_or_for_ten_others() -> None:
    ordinary = MasterData("individual", "gold", "retail", "north-west", "A-10023", "M-7")
    watched = ServiceUsage("mobile-data", "GB", DAY, DAY, 1, 1.0, 1.0, 1.0, pack(SEASONED))
    other = msgspec.structs.replace(watched, watch=b"")

    assert room_for_services(ordinary) // watched.takes() == 4
    assert room_for_services(ordinary) // other.takes() == 10


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
    assert len(states.encode(new)) <= 200


def test_the_longest_key_of_a_customer_is_not_kept() -> None:
    order = OrderPlaced(LONG_REF, "o1", Money(5, "GBP"))
    short = OrderPlaced(ref("anna"), "o2", Money(5, "GBP"))

    assert FOLD.fact(id_of("x"), None, order, DAY, DAY) == FOLD.fact(
        id_of("x"), None, short, DAY, DAY
    )
