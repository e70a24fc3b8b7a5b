"""The card: a state as people read it."""

import math

import pytest

from domain.customer.card import card
from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice
from events.calendar import date_of
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import CustomerRegistered
from events.figures import Band
from events.interactions import Channel, Direction, InteractionRecorded
from events.orders import OrderReturned
from events.profiles import ComplaintFigures, ContactFigures, CustomerCard
from events.signals import Placement, SignalReason
from events.usage import UsageRecorded
from events.values import CustomerKind, Money, Quantity
from tests.support.given import DAY, ref
from tests.support.models import ALWAYS_BY_RECENCY, BY_RECENCY, by_recency
from tests.support.steps import ANNA, GBP, bought, buying, life


def card_of(folded: FoldedSlice, today: int, fold: CustomerFold = GBP) -> CustomerCard:
    assert folded.state is not None
    return card(fold.scene(ANNA, DAY + today), folded.state)


def test_a_buyer_is_shown_with_lifetime_and_decayed_figures() -> None:
    facts = [
        (0, CustomerRegistered(ref("anna"), CustomerKind.FAMILY, "gold", "retail", "north")),
        (0, bought(800)),
        (10, bought(200, "o2")),
        (10, OrderReturned(ref("anna"), "r1", Money(50, "GBP"))),
    ]
    shown = card_of(life(facts, 101), 101)

    assert (shown.customer_id, shown.day) == (ANNA, date_of(DAY + 101))
    assert (shown.kind, shown.industry) == ("family", "retail")
    assert shown.placement == Placement(ANNA, None, "north", "gold")
    assert (shown.facts, shown.late_facts) == (4, 0)
    figures = shown.purchases
    assert (figures.first_day, figures.last_day) == (date_of(DAY), date_of(DAY + 10))
    assert (figures.purchase_days, figures.orders, figures.returns) == (2, 2, 1)
    assert (figures.spent, figures.returned, figures.last_amount) == (1_000, 50, 200)
    assert abs(figures.spent_91 - (800 * 2 ** (-101 / 91) + 100)) < 1e-9
    assert figures.usual_gap == 10.0
    assert shown.signals == ()


def test_who_never_bought_has_no_days_and_no_gap() -> None:
    used = UsageRecorded(ref("anna"), "mobile-data", Quantity(3.0, "GB"))
    shown = card_of(life([(0, used)], 5), 5)

    figures = shown.purchases
    assert (figures.first_day, figures.last_day, figures.usual_gap) == (None, None, None)
    assert (figures.spent, figures.spent_91, shown.stake) == (0, 0.0, Money(0, "GBP"))
    assert (shown.churn, shown.segment) == (None, None)


def test_a_buyer_is_shown_with_the_score_of_today_by_the_model_of_today() -> None:
    shown = card_of(life(buying(2), 20), 25, GBP.under(BY_RECENCY)).churn

    assert shown is not None
    assert (shown.model, shown.band) == (BY_RECENCY.version, Band.LOW)
    assert shown.log_odds == pytest.approx(4.0 * math.log(24 / 31), abs=1e-5)
    assert shown.change is not None
    assert shown.change.since == date_of(DAY + 17), "the last weekly turn, by the start model"
    assert shown.change.before == 0.0
    assert shown.change.model == pytest.approx(4.0 * math.log(16 / 31), abs=1e-5)


def test_no_score_is_shown_by_a_model_that_has_seen_too_little() -> None:
    young = GBP.under(by_recency(snapshots=399))

    assert card_of(life(buying(2), 20), 25).churn is None
    assert card_of(life(buying(2), 20), 25, young).churn is None


def test_a_risk_that_stands_is_shown_as_the_score_is() -> None:
    folded = life(buying(2), 50, models=ALWAYS_BY_RECENCY)
    shown = card_of(folded, 50, GBP.under(BY_RECENCY))

    (signal,) = shown.signals
    assert (signal.reason, signal.raised_on) == (SignalReason.CHURN_RISK, date_of(DAY + 45))
    assert signal.figures == shown.churn


def test_complaints_are_shown_with_what_is_open_and_how_often_lately() -> None:
    anna = ref("anna")
    facts = [
        (0, ComplaintOpened(anna, "c1", "billing", Severity.HIGH)),
        (5, ComplaintResolved(anna, "c1", "refund", Satisfaction.UNSATISFIED)),
        (10, ComplaintOpened(anna, "c2", "delivery", Severity.LOW)),
        (91, ComplaintReopened(anna, "c1", Severity.CRITICAL)),
    ]
    shown = card_of(life(facts, 182), 182).complaints

    assert (shown.open, shown.open_since) == (2, date_of(DAY + 10))
    assert (shown.opened, shown.resolved, shown.reopened, shown.unsatisfied) == (2, 1, 1, 1)
    assert abs(shown.complaints_91 - (0.25 + 2 ** (-172 / 91) + 0.5)) < 1e-9
    assert abs(shown.severity_91 - (1.0 + 2 ** (-172 / 91) + 4.0)) < 1e-9
    assert shown.last_day == date_of(DAY + 91)


def test_contacts_are_shown_with_the_last_of_them() -> None:
    anna = ref("anna")
    facts = [
        (0, InteractionRecorded(anna, Channel.CALL, Direction.INBOUND)),
        (91, InteractionRecorded(anna, Channel.VISIT, Direction.OUTBOUND)),
    ]
    shown = card_of(life(facts, 182), 182).contacts

    assert shown == ContactFigures(0.25, 0.5, date_of(DAY + 91), Channel.VISIT)


def test_who_was_never_met_and_never_complained_has_empty_sections() -> None:
    shown = card_of(life(buying(0), 5), 5)

    assert shown.complaints == ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None)
    assert shown.contacts == ContactFigures(0.0, 0.0, None, None)


def test_a_card_of_days_before_1970_can_be_shown() -> None:
    used = UsageRecorded(ref("anna"), "telegrams", Quantity(3.0, "piece"))
    state = GBP.fact(ANNA, None, used, -9_000, -9_000).state

    shown = card(GBP.scene(ANNA, -8_909), state)
    assert shown.services[0].first_day == date_of(-9_000)
    assert shown.services[0].per_day_91 > 0


def test_a_service_is_shown_with_its_mean_a_day() -> None:
    daily = [
        (day, UsageRecorded(ref("anna"), "mobile-data", Quantity(2.0, "GB"))) for day in range(200)
    ]
    (service,) = card_of(life(daily, 199), 199).services

    assert (service.service, service.unit) == ("mobile-data", "GB")
    assert (service.first_day, service.last_day) == (date_of(DAY), date_of(DAY + 199))
    assert (service.days, service.total) == (200, 400.0)
    assert abs(service.per_day_91 - 2.0) < 0.02


def test_a_standing_signal_is_shown_with_the_figures_of_today() -> None:
    folded = life(buying(*range(0, 64, 7)), 120)
    (signal,) = card_of(folded, 120).signals

    assert signal.raised_on == date_of(DAY + 63 + 29)
    assert signal.figures.days_since_order == 120 - 63


def test_late_facts_are_counted() -> None:
    shown = card_of(life(buying(0), 9, [(2, 9, bought(order_id="late"))]), 9)

    assert (shown.facts, shown.late_facts) == (2, 1)
