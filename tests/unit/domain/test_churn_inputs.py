"""The seventeen inputs: each against figures worked out by hand, and none that ever raises."""

import math
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer.state import CustomerState
from domain.detection.churn_inputs import inputs_of, rounded
from domain.detection.churn_recipe import INPUTS
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderReturned
from events.usage import UsageRecorded
from events.values import Money, Quantity
from tests.support.given import DAY, ref
from tests.support.histories import Happening
from tests.support.lives import lived, lives
from tests.support.steps import GBP, bought, buying, life

ANNA = ref("anna")
LN_2 = math.log(2.0)
Facts = Iterable[tuple[int, msgspec.Struct]]


def inputs(facts: Facts, today: int) -> dict[str, float]:
    """The inputs of a life of Anna's, as of the start of a day, by their names."""
    state = life(facts, today - 1).state
    assert state is not None
    return dict(zip(INPUTS, inputs_of(state, DAY + today), strict=True))


def used(amount: float, service: str = "mobile-data") -> UsageRecorded:
    return UsageRecorded(ANNA, service, Quantity(amount, "GB"))


def left(days: int, half_life: int) -> float:
    return 2.0 ** (-days / half_life)


BUYER: Facts = [
    (0, bought(1_000, "o1")),
    (10, bought(2_000, "o2")),
    (12, OrderReturned(ANNA, "r1", Money(300, "GBP"), "o2")),
]
"""Two purchases and a return, looked at on day 101: a quarter after the last purchase."""

SPENT_182 = 1_000 * left(101, 182) + 2_000 * left(91, 182)
RETURNED_182 = 300 * left(89, 182)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("purchase-days", math.log1p(left(101, 182) + left(91, 182))),
        ("recency", math.log1p(91)),
        ("last-amount", math.log1p(2_000)),
        ("spend-91", math.log1p(1_000 * left(101, 91) + 1_000)),
        ("returns", math.log1p(left(89, 182))),
        ("one-purchase", 0.0),
        ("returned-share", RETURNED_182 / (SPENT_182 + RETURNED_182)),
        ("mean-log-gap", math.log1p(10)),
        (
            "order-rate",
            math.log1p(30 * (left(101, 91) + 0.5) / ((1 - left(101, 91)) * 91 / LN_2 + 7)),
        ),
    ],
)
def test_what_is_told_by_purchases(name: str, expected: float) -> None:
    assert inputs(BUYER, 101)[name] == round(expected, 6)


def test_the_chance_of_buying_again_is_that_of_the_purchase_days() -> None:
    # x = 1, tx = 10, T = 101, H = 91: alive = 1 / (1 + .5 / 5 · (131 / 40)^1.25)
    alive = 1.0 / (1.0 + 0.1 * (131 / 40) ** 1.25)
    buys = alive * (1.0 - (131 / 222) ** 1.25)

    assert inputs(BUYER, 101)["buy-again"] == round(math.log(buys / (1.0 - buys)), 6)


def test_who_bought_once_has_no_gap_and_says_so() -> None:
    told = inputs(buying(0), 30)

    assert (told["one-purchase"], told["mean-log-gap"]) == (1.0, 0.0)
    assert told["recency"] == round(math.log1p(30), 6)
    buys = 1.0 - (60 / 151) ** 0.25
    assert told["buy-again"] == round(math.log(buys / (1.0 - buys)), 6)


def test_two_orders_of_one_day_are_one_purchase_day_at_twice_the_rate() -> None:
    told = inputs([(0, bought(500, "o1")), (0, bought(500, "o2"))], 91)

    assert told["one-purchase"] == 1.0
    assert told["purchase-days"] == round(math.log1p(left(91, 182)), 6)
    assert told["order-rate"] == round(math.log1p(30 * 1.0 / (0.5 * 91 / LN_2 + 7)), 6)


def test_where_nothing_came_back_the_share_is_nought_also_of_orders_for_nothing() -> None:
    free = [(0, bought(0, "o1"))]

    assert inputs(buying(0), 20)["returned-share"] == 0.0
    assert inputs(free, 20)["returned-share"] == 0.0
    assert inputs(free, 20)["last-amount"] == 0.0


def test_a_return_of_everything_is_a_share_of_one_half() -> None:
    # both were paid once: what came back stands against what was bought, returns and all
    back = [(0, bought(800)), (0, OrderReturned(ANNA, "r1", Money(800, "GBP")))]

    assert inputs(back, 77)["returned-share"] == 0.5


def trend(ratio: float) -> float:
    return math.log((ratio + 0.05) / 1.05)


def a_day(days: int, half_life: int) -> float:
    """The decayed days of an observation, the seven days of the prior included."""
    return (1.0 - left(days + 7, half_life)) * half_life / LN_2


def test_use_is_compared_with_what_is_usual() -> None:
    # given one use of 28 GB on day 0, looked at four weeks later
    told = inputs([*buying(0), (0, used(28.0))], 28)

    recent, usual = 28.0 * 0.25 / a_day(28, 14), 28.0 * left(28, 91) / a_day(28, 91)
    assert told["usage-trend"] == round(trend(recent / usual), 6)
    assert told["usage-recency"] == round(math.log1p(28), 6)


def test_steady_use_is_about_as_usual_and_a_stop_falls_to_the_floor() -> None:
    daily = [(day, used(2.0)) for day in range(200)]

    assert abs(inputs([*buying(0), *daily], 200)["usage-trend"]) < 0.1
    stopped = inputs([*buying(0), *daily[:10]], 600)["usage-trend"]
    assert stopped == round(trend(0.0), 6) == round(-math.log(21.0), 6)


def test_of_several_services_the_mean_share_and_the_last_use_count() -> None:
    # given the same use of two services, one of them for the last time 28 days later
    facts = [*buying(0), (0, used(28.0)), (0, used(28.0, "roaming")), (28, used(28.0, "roaming"))]

    told = inputs(facts, 56)

    once, twice = 28.0 * left(56, 14), 28.0 * (left(56, 14) + left(28, 14))
    usual_once, usual_twice = 28.0 * left(56, 91), 28.0 * (left(56, 91) + left(28, 91))
    share = a_day(56, 91) / a_day(56, 14)
    shares = [once / usual_once * share, twice / usual_twice * share]
    assert told["usage-trend"] == round(trend(sum(shares) / 2), 6)
    assert told["usage-recency"] == round(math.log1p(28), 6)


def test_use_of_nothing_is_no_trend() -> None:
    told = inputs([*buying(0), (0, used(0.0))], 9)

    assert (told["usage-trend"], told["usage-recency"]) == (0.0, round(math.log1p(9), 6))


COMPLAINTS: Facts = [
    (0, ComplaintOpened(ANNA, "c1", "billing", Severity.HIGH)),
    (5, ComplaintResolved(ANNA, "c1", "refund", Satisfaction.UNSATISFIED)),
    (20, ComplaintOpened(ANNA, "c2", "delivery", Severity.MEDIUM)),
    (20, ComplaintReopened(ANNA, "c3", Severity.LOW)),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("complaint-severity", math.log1p(4.0 * left(111, 91) + (2.0 + 1.0) * 0.5)),
        ("open-complaints", math.log1p(2)),
        ("unsatisfied", math.log1p(1)),
    ],
)
def test_what_is_told_by_complaints(name: str, expected: float) -> None:
    assert inputs([*buying(0), *COMPLAINTS], 111)[name] == round(expected, 6)


def test_what_is_told_by_contacts() -> None:
    met = [
        (0, InteractionRecorded(ANNA, Channel.CALL, Direction.INBOUND)),
        (91, InteractionRecorded(ANNA, Channel.VISIT, Direction.OUTBOUND)),
    ]
    told = inputs([*buying(0), *met], 182)

    assert told["inbound-contacts"] == round(math.log1p(0.25), 6)
    assert told["outbound-contacts"] == round(math.log1p(0.5), 6)


def test_what_a_firm_has_no_facts_of_stands_still_at_nought() -> None:
    assert list(inputs(BUYER, 101).values())[10:] == [0.0] * 7


def test_it_is_the_start_of_the_day_that_counts() -> None:
    # given a purchase of the day itself, which the morning of that day has not seen
    morning = life(buying(0, 10), 19).state
    evening = life(buying(0, 10, 20), 20).state
    assert morning is not None
    assert evening is not None

    before, after = inputs_of(morning, DAY + 20), inputs_of(evening, DAY + 20)

    assert before[INPUTS.index("recency")] == round(math.log1p(10), 6)
    assert after[INPUTS.index("recency")] == 0.0


def test_there_are_none_of_who_never_bought() -> None:
    with pytest.raises(ValueError, match="never bought"):
        inputs_of(CustomerState(), DAY)


@given(lives(extreme=True), st.sampled_from((0, 1, 7, 91, 4_096, 20_000)))
def test_they_are_finite_and_rounded_whatever_a_customer_does(
    story: list[Happening], silence: int
) -> None:
    state, today = lived(story, GBP)

    told = inputs_of(state, today + silence)

    assert len(told) == len(INPUTS)
    assert all(math.isfinite(figure) and abs(figure) < 100.0 for figure in told)
    assert told == tuple(round(figure, 6) for figure in told)


@pytest.mark.parametrize("amount", [0.0, 5e-324, 1e-300, 1e15])
@pytest.mark.parametrize("silence", [1, 14, 1_000, 5_000])
def test_no_use_is_too_small_or_too_large(amount: float, silence: int) -> None:
    state = life([*buying(0), (0, used(amount)), (1, used(amount))], 1).state
    assert state is not None

    told = inputs_of(state, DAY + 1 + silence)

    assert round(-math.log(21.0), 6) <= told[INPUTS.index("usage-trend")] <= math.log(10.0)


@given(lives(), st.integers(0, 400), st.integers(0, 400))
def test_where_nothing_happens_it_does_not_matter_when_a_state_was_stored(
    story: list[Happening], wait: int, more: int
) -> None:
    state, today = lived(story, GBP)
    aged = msgspec.structs.replace(state, purchases=state.purchases.decayed_to(today + wait))

    assert inputs_of(aged, today + wait + more) == pytest.approx(
        inputs_of(state, today + wait + more), abs=2e-6
    )


@given(lives())
def test_every_order_and_return_makes_the_same_inputs_from_the_bytes_of_a_state(
    story: list[Happening],
) -> None:
    state, today = lived(story, GBP)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=CustomerState)

    assert inputs_of(again, today + 3) == inputs_of(state, today + 3)


NEAR_TIES = st.builds(
    lambda halves, off: halves / 2e6 + off, st.integers(-(2**40), 2**40), st.floats(-1e-7, 1e-7)
)


@settings(max_examples=1_000)
@given(st.lists(st.floats(-1e9, 1e9) | st.floats(-2e-6, 2e-6) | NEAR_TIES, max_size=17))
def test_figures_are_rounded_to_the_last_bit_as_round_does(figures: list[float]) -> None:
    expected = [round(figure, 6) if figure else 0.0 for figure in figures]

    assert [each.hex() for each in rounded(figures)] == [each.hex() for each in expected]
