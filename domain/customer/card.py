"""The customer card: a state as people read it, as of a day."""

import datetime

from domain.customer import churn_signals, consumption_signals, quiet_signals
from domain.customer.complaints import Complaints
from domain.customer.contacts import Contacts
from domain.customer.life_cycle import life_cycle
from domain.customer.purchases import Purchases
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.customer.usual import usual_use
from domain.decay import DECAY_91
from events.calendar import date_of
from events.profiles import (
    ComplaintFigures,
    ContactFigures,
    CustomerCard,
    PurchaseFigures,
    ServiceFigures,
    StandingSignal,
)


def card(scene: Scene, state: CustomerState) -> CustomerCard:
    """Return the card of a customer, whose last fact was folded today or before."""
    today = scene.today
    segment = churn_signals.segment_of(state)
    return CustomerCard(
        customer_id=scene.customer_id,
        day=date_of(today),
        kind=state.master.kind,
        industry=state.master.industry,
        placement=scene.placement(state),
        facts=state.facts,
        late_facts=state.late_facts,
        purchases=_purchases(state.purchases, today),
        services=tuple(_service(entry, today) for entry in state.consumption.services),
        services_left_out=state.consumption.left_out,
        complaints=_complaints(state.complaints, today),
        contacts=_contacts(state.contacts, today),
        stake=scene.stake(state),
        signals=standing_signals(scene, state),
        churn=churn_signals.shown(scene, state),
        segment=segment,
        life_cycle=life_cycle(state.purchases, segment, today),
        usual=usual_use(state.consumption, today),
    )


def standing_signals(scene: Scene, state: CustomerState) -> tuple[StandingSignal, ...]:
    """Return the signals that stand, with their figures as of today."""
    standing = (quiet_signals.standing(scene, state), churn_signals.standing(scene, state))
    anomalies = consumption_signals.standing(state.consumption)
    return (*(signal for signal in standing if signal is not None), *anomalies)


def _purchases(purchases: Purchases, today: int) -> PurchaseFigures:
    first, last = purchases.first_day, purchases.last_day
    return PurchaseFigures(
        first_day=_date(first),
        last_day=_date(last),
        purchase_days=purchases.days,
        orders=purchases.orders,
        returns=purchases.returns,
        spent=purchases.spent,
        returned=purchases.returned,
        last_amount=purchases.last_amount,
        spent_91=purchases.decayed_to(today).spent_91,
        usual_gap=purchases.gaps.mean if purchases.gaps.count else None,
    )


def _service(entry: ServiceUsage, today: int) -> ServiceFigures:
    observed = DECAY_91.steady(today - entry.first_day + 1)
    used = entry.used_91 * DECAY_91.factor(today - entry.last_day)
    return ServiceFigures(
        service=entry.service,
        unit=entry.unit,
        first_day=date_of(entry.first_day),
        last_day=date_of(entry.last_day),
        days=entry.days,
        total=entry.total,
        per_day_91=used / observed,
    )


def _complaints(complaints: Complaints, today: int) -> ComplaintFigures:
    left = _left(complaints.last_day, today)
    return ComplaintFigures(
        open=complaints.known.open_count(),
        open_since=_date(complaints.known.open_since()),
        opened=complaints.opened,
        resolved=complaints.resolved,
        reopened=complaints.reopened,
        unsatisfied=complaints.unsatisfied,
        complaints_91=complaints.complaints_91 * left,
        severity_91=complaints.severity_91 * left,
        last_day=_date(complaints.last_day),
    )


def _contacts(contacts: Contacts, today: int) -> ContactFigures:
    left = _left(contacts.last_day, today)
    return ContactFigures(
        inbound_91=contacts.inbound_91 * left,
        outbound_91=contacts.outbound_91 * left,
        last_day=_date(contacts.last_day),
        last_channel=contacts.last_channel,
    )


def _left(last_day: int | None, today: int) -> float:
    return 0.0 if last_day is None else DECAY_91.factor(today - last_day)


def _date(day: int | None) -> datetime.date | None:
    return None if day is None else date_of(day)
