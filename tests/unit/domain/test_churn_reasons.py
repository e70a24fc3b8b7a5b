"""Reasons as people read them: the strongest first, in raw figures, with the facts behind them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.state import CustomerState
from domain.detection.buying_again import chance_of_buying
from domain.detection.churn_inputs import inputs_of
from domain.detection.churn_reasons import reasons
from domain.detection.churn_score import score, shares
from domain.detection.day_model import DayModel
from events.calendar import date_of
from events.complaints import ComplaintOpened, ComplaintResolved, Satisfaction, Severity
from events.figures import Evidence, GroupShare, ReasonGroup, ScoreReason
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderReturned
from events.usage import UsageRecorded
from events.values import Money, Quantity
from tests.support.given import DAY, ref
from tests.support.histories import Happening
from tests.support.lives import lived, lives
from tests.support.models import models
from tests.support.steps import GBP, bought, life

ANNA = ref("anna")
TODAY = 101
FACTS = [
    (0, bought(1_000, "o1")),
    (10, bought(2_000, "o2")),
    (12, OrderReturned(ANNA, "r1", Money(300, "GBP"), "o2")),
    (3, UsageRecorded(ANNA, "mobile-data", Quantity(28.0, "GB"))),
    (4, ComplaintOpened(ANNA, "c1", "billing", Severity.HIGH)),
    (5, ComplaintResolved(ANNA, "c1", "refund", Satisfaction.UNSATISFIED)),
    (10, ComplaintOpened(ANNA, "c2", "delivery", Severity.MEDIUM)),
    (10, InteractionRecorded(ANNA, Channel.CALL, Direction.INBOUND)),
]


def anna() -> CustomerState:
    state = life(FACTS, TODAY).state
    assert state is not None
    return state


def reasons_of(*given_shares: tuple[ReasonGroup, float]) -> tuple[ScoreReason, ...]:
    """The reasons of Anna on day 101, if groups added so much."""
    parts = tuple(GroupShare(group, log_odds) for group, log_odds in given_shares)
    return reasons(parts, inputs_of(anna(), DAY + TODAY), anna(), DAY + TODAY)


def the_reason(group: ReasonGroup) -> ScoreReason:
    (reason,) = reasons_of((group, 0.5))
    return reason


def figures_of(group: ReasonGroup) -> dict[str, float]:
    return {raw.figure: raw.value for raw in the_reason(group).figures}


def test_the_three_that_add_most_are_told_the_strongest_first() -> None:
    told = reasons_of(
        (ReasonGroup.GAP, 0.2),
        (ReasonGroup.SPEND_TREND, 0.9),
        (ReasonGroup.USAGE, 0.1),
        (ReasonGroup.COMPLAINTS, 0.4),
    )

    assert [(reason.group, reason.log_odds) for reason in told] == [
        (ReasonGroup.SPEND_TREND, 0.9),
        (ReasonGroup.COMPLAINTS, 0.4),
        (ReasonGroup.GAP, 0.2),
    ]


def test_what_lowers_a_score_is_no_reason_for_it_and_neither_is_nothing() -> None:
    told = reasons_of(
        (ReasonGroup.GAP, -3.0), (ReasonGroup.RETURNS, 0.1), (ReasonGroup.CONTACTS, 0.0)
    )

    assert [reason.group for reason in told] == [ReasonGroup.RETURNS]
    assert reasons_of((ReasonGroup.GAP, -1.0)) == ()


def test_what_adds_next_to_nothing_is_not_told() -> None:
    told = reasons_of((ReasonGroup.GAP, 0.049_9), (ReasonGroup.RETURNS, 0.05))

    assert [reason.group for reason in told] == [ReasonGroup.RETURNS]


def test_of_equal_ones_the_order_of_the_groups_decides() -> None:
    told = reasons_of(*[(group, 0.5) for group in ReasonGroup])

    assert [reason.group for reason in told] == [
        ReasonGroup.GAP,
        ReasonGroup.SPEND_TREND,
        ReasonGroup.USAGE,
    ]


def test_a_gap_is_told_in_days() -> None:
    told = figures_of(ReasonGroup.GAP)

    assert told == {
        "days-since-order": 91.0,
        "usual-gap": 10.0,
        "purchase-days-182": pytest.approx(2 ** (-101 / 182) + 2 ** (-91 / 182)),
        "buy-again": pytest.approx(chance_of_buying(101, 10, 1, 91), abs=1e-6),
    }


def test_of_a_customer_with_one_purchase_no_usual_gap_is_told() -> None:
    state = life([(0, bought())], 30).state
    assert state is not None
    parts = (GroupShare(ReasonGroup.GAP, 1.0),)

    (reason,) = reasons(parts, inputs_of(state, DAY + 30), state, DAY + 30)

    told = [raw.figure for raw in reason.figures]
    assert told == ["days-since-order", "purchase-days-182", "buy-again"]


def test_spend_is_told_in_money_as_of_today() -> None:
    assert figures_of(ReasonGroup.SPEND_TREND) == {
        "spent-91": pytest.approx(1_000 * 2 ** (-101 / 91) + 1_000),
        "last-amount": 2_000.0,
        "orders-91": pytest.approx(2 ** (-101 / 91) + 0.5),
    }


def test_use_is_told_against_the_usual() -> None:
    told = figures_of(ReasonGroup.USAGE)

    steady = [(1 - 2 ** (-105 / half_life)) * half_life for half_life in (14, 91)]
    recent, usual = 2 ** (-98 / 14) / steady[0], 2 ** (-98 / 91) / steady[1]
    assert told == {
        "used-14-vs-91": pytest.approx(recent / usual, abs=1e-5),
        "days-since-use": pytest.approx(98.0, abs=1e-3),
    }


def test_complaints_are_told_in_number_and_weight() -> None:
    assert figures_of(ReasonGroup.COMPLAINTS) == {
        "severity-91": pytest.approx(4.0 * 2 ** (-97 / 91) + 1.0, abs=1e-5),
        "open-complaints": 1.0,
        "unsatisfied": 1.0,
    }


def test_returns_and_contacts_are_told_in_number() -> None:
    assert figures_of(ReasonGroup.RETURNS) == {
        "returns-182": pytest.approx(2 ** (-89 / 182)),
        "returned-share": inputs_of(anna(), DAY + TODAY)[6],
    }
    assert figures_of(ReasonGroup.CONTACTS) == {
        "inbound-91": pytest.approx(0.5, abs=1e-6),
        "outbound-91": 0.0,
    }


@pytest.mark.parametrize(
    ("group", "fact_type", "first", "last"),
    [
        (ReasonGroup.GAP, "crm.order.placed.v1", 0, 10),
        (ReasonGroup.SPEND_TREND, "crm.order.placed.v1", 10, 101),
        (ReasonGroup.USAGE, "crm.usage.recorded.v1", 10, 101),
        (ReasonGroup.COMPLAINTS, "crm.complaint.opened.v1", 10, 101),
        (ReasonGroup.RETURNS, "crm.order.returned.v1", -81, 101),
        (ReasonGroup.CONTACTS, "crm.interaction.recorded.v1", 10, 101),
    ],
)
def test_each_reason_names_the_facts_behind_it(
    group: ReasonGroup, fact_type: str, first: int, last: int
) -> None:
    assert the_reason(group).evidence == Evidence(
        fact_type, date_of(DAY + first), date_of(DAY + last)
    )


def test_a_complaint_open_for_longer_than_a_quarter_is_among_the_facts() -> None:
    state = life([(0, bought()), (2, ComplaintOpened(ANNA, "c1", "b", Severity.LOW))], 150).state
    assert state is not None
    parts = (GroupShare(ReasonGroup.COMPLAINTS, 1.0),)

    (reason,) = reasons(parts, inputs_of(state, DAY + 150), state, DAY + 150)

    assert reason.evidence.first_day == date_of(DAY + 2)


@pytest.mark.parametrize(("today", "first"), [(60, 10), (101, 10), (102, 10), (500, 10)])
def test_spend_rests_on_the_quarter_and_on_the_last_purchase_where_that_was_earlier(
    today: int, first: int
) -> None:
    state = life([(10, bought(1_000, "o1"))], today).state
    assert state is not None
    parts = (GroupShare(ReasonGroup.SPEND_TREND, 1.0),)

    (reason,) = reasons(parts, inputs_of(state, DAY + today), state, DAY + today)

    assert reason.evidence.first_day == date_of(DAY + first)
    assert reason.evidence.last_day == date_of(DAY + today)


@given(lives(), models(), st.sampled_from((0, 1, 30, 91, 92, 500)))
def test_windows_end_after_they_begin_and_never_lie_ahead(
    story: list[Happening], model: DayModel, silence: int
) -> None:
    state, last = lived(story, GBP)
    today = last + silence
    scored = score(model, inputs_of(state, today))

    told = reasons(shares(scored), scored.inputs, state, today)

    assert len(told) <= 3
    for reason in told:
        assert reason.log_odds >= 0.05
        assert reason.evidence.first_day <= reason.evidence.last_day <= date_of(today)
        assert all(math.isfinite(raw.value) for raw in reason.figures)
    assert list(told) == sorted(told, key=lambda reason: -reason.log_odds)


def gap_share(model: DayModel, state: CustomerState, today: int) -> float:
    return next(
        share.log_odds
        for share in shares(score(model, inputs_of(state, today)))
        if share.group is ReasonGroup.GAP
    )


@given(lives(), models(signed=True), st.integers(0, 800), st.integers(1, 800))
def test_more_silence_never_lowers_what_the_gap_adds(
    story: list[Happening], model: DayModel, silence: int, more: int
) -> None:
    # given any life, and any model that could be learned by the recipe
    state, last = lived(story, GBP)

    # when nothing happens for a while, and then for a while more
    early = gap_share(model, state, last + silence)
    late = gap_share(model, state, last + silence + more)

    # then the gap counts for no less
    assert late >= early - 1e-9
