"""What one fact costs in the pure core: decoding, folding, and finding the day to look again."""

import json
from collections.abc import Callable, Iterator, Sequence

import msgspec

from bench.figures import Baseline, Figure, Section
from bench.sizes import Sizes
from bench.synthetic import FIRST_DAY, IDENTITY
from bench.taught import TAUGHT
from bench.timing import Work, in_turn
from domain.customer import churn_signals
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from domain.detection import silence
from domain.detection.churn import ChurnWatch
from domain.detection.gaps import GapStatistics
from events import codec
from events.catalogue import REGISTRY
from events.customers import AccountAssigned, CustomerRegistered
from events.orders import OrderLine, OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerId, CustomerKind, CustomerRef, Money, Quantity
from infra.stream.recall import recall

BASELINE = "json.loads of the same fact"
CUSTOMER = CustomerId("c1e66d9c-17f8-5159-9ac8-5eb2acbf9654")
REF = CustomerRef("synthetic", "c17850")
LINES = tuple(OrderLine(f"sku-{number}", Quantity(2.0, "piece"), 250) for number in range(3))
TOTAL = Money(12_990, IDENTITY.currency)
FACTS: tuple[msgspec.Struct, ...] = (
    UsageRecorded(REF, "mobile-data", Quantity(1.25, "GB")),
    OrderPlaced(REF, "o536365", TOTAL, LINES),
    OrderReturned(REF, "r536366", TOTAL, "o536365", LINES[:1]),
    CustomerRegistered(REF, CustomerKind.GROUP_SMALL, "gold", "retail", "north"),
    AccountAssigned(REF, "A-1", "M-7"),
)
Decode = Callable[[str, bytes], msgspec.Struct]
DAYS_BETWEEN = (1, 9, 4, 7, 2, 12, 5, 0, 3, 8)


def costs(sizes: Sizes) -> Section:
    """Measure each fact type."""
    facts = [(REGISTRY.name_of(event), event) for event in FACTS]
    decoding = [
        _decode(f"decode {where} {name}", decode, (name, event), sizes)
        for name, event in facts
        for where, decode in (("at the door", REGISTRY.decode), ("from the log", recall))
    ]
    folding = [_fold(name, event, sizes) for name, event in facts]
    detecting = _detect(sizes)
    scoring = [*_score(sizes)]
    return Section(
        "Cost of one fact, pure Python and no I/O",
        (*decoding, *folding, detecting, *scoring),
        ("An order here has three lines. Detect is the silence deadline, found at each purchase.",),
    )


def _decode(title: str, decode: Decode, fact: tuple[str, msgspec.Struct], sizes: Sizes) -> Figure:
    name, data = fact[0], codec.encode(fact[1])

    def decode_all() -> None:
        for _ in range(sizes.calls):
            decode(name, data)

    return _figure(title, decode_all, data, sizes)


def _fold(name: str, event: msgspec.Struct, sizes: Sizes) -> Figure:
    fold, before = CustomerFold(IDENTITY.currency), _seasoned()
    days = [FIRST_DAY + 400]
    for number in range(sizes.calls):
        days.append(days[-1] + DAYS_BETWEEN[number % len(DAYS_BETWEEN)])

    def fold_all() -> None:
        state = before
        for day in days[1:]:
            state = fold.fact(CUSTOMER, state, event, day, day).state

    return _figure(f"fold {name}", fold_all, codec.encode(event), sizes)


def _detect(sizes: Sizes) -> Figure:
    histories: Sequence[GapStatistics] = list(_histories(sizes.calls))

    def detect() -> None:
        for gaps in histories:
            silence.deadline(gaps, FIRST_DAY)

    return _figure("detect: silence deadline", detect, codec.encode(FACTS[1]), sizes)


def _score(sizes: Sizes) -> Iterator[Figure]:
    """Score a seasoned customer: the log-odds alone, with all that is said of them, and in a batch."""
    state, today = _seasoned(), FIRST_DAY + 420
    fold, data = CustomerFold(IDENTITY.currency, TAUGHT), codec.encode(FACTS[1])
    scene = fold.scene(CUSTOMER, today)
    due = msgspec.structs.replace(state, churn=ChurnWatch(due_day=today))

    def score_all() -> None:
        for _ in range(sizes.calls):
            churn_signals.scored(scene, state)

    def explain_all() -> None:
        for _ in range(sizes.calls):
            churn_signals.figures(scene, state, churn_signals.scored(scene, state))

    def score_together() -> None:
        fold.turn_scores([due] * sizes.calls, today)

    yield _figure("score a customer, figures included", score_all, data, sizes)
    yield _figure("score with reasons, alone", explain_all, data, sizes)
    yield _figure("score a customer in a batch", score_together, data, sizes)


def _figure(name: str, work: Work, data: bytes, sizes: Sizes) -> Figure:
    def load_json() -> None:
        for _ in range(sizes.calls):
            json.loads(data)

    timed = in_turn(work, load_json, sizes.calls, sizes.repeats)
    return Figure(name, "µs a fact", timed.work, Baseline(BASELINE, timed.baseline))


def _seasoned() -> CustomerState:
    """Return a customer with a year of orders and four services in use."""
    fold, state = CustomerFold(IDENTITY.currency), CustomerState()
    for number in range(40):
        day = FIRST_DAY + 10 * number
        for service in ("mobile-data", "voice", "power", "messages"):
            usage = UsageRecorded(REF, service, Quantity(1.0, "GB"))
            state = fold.fact(CUSTOMER, state, usage, day, day).state
        state = fold.fact(CUSTOMER, state, FACTS[1], day, day).state
    return state


def _histories(number: int) -> list[GapStatistics]:
    """Return the gaps of buyers between daily and yearly, regular and not."""
    return [
        GapStatistics(3 + index % 12, mean, mean * mean * (1.1 + index % 7 / 5), 1.0)
        for index, mean in enumerate(1.0 + (index * 37) % 365 for index in range(number))
    ]
