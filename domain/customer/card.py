"""The customer card: a state as people read it, as of a day."""

from domain.customer.purchases import Purchases
from domain.customer.stake import stake
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.decay import DECAY_91
from domain.detection import silence
from events.calendar import date_of
from events.profiles import CustomerCard, PurchaseFigures, ServiceFigures, StandingSignal
from events.signals import SignalReason
from events.values import CustomerId, Money


def card(customer_id: CustomerId, state: CustomerState, today: int, currency: str) -> CustomerCard:
    """Return the card of a customer on ``today``, which is not before its last fact's folding."""
    return CustomerCard(
        customer_id=customer_id,
        day=date_of(today),
        kind=state.master.kind,
        industry=state.master.industry,
        placement=state.master.placement(customer_id),
        facts=state.facts,
        late_facts=state.late_facts,
        purchases=_purchases(state.purchases, today),
        services=tuple(_service(entry, today) for entry in state.consumption.services),
        services_left_out=state.consumption.left_out,
        stake=Money(stake(state.purchases, today), currency),
        signals=standing_signals(state, today),
    )


def standing_signals(state: CustomerState, today: int) -> tuple[StandingSignal, ...]:
    """Return the signals that stand, with their figures as of ``today``."""
    raised, last_day = state.silence.raised_day, state.purchases.last_day
    if raised is None or last_day is None:
        return ()
    figures = silence.figures(state.purchases.gaps, today - last_day)
    return (
        StandingSignal(SignalReason.UNUSUALLY_QUIET, silence.DETECTOR, date_of(raised), figures),
    )


def _purchases(purchases: Purchases, today: int) -> PurchaseFigures:
    first, last = purchases.first_day, purchases.last_day
    return PurchaseFigures(
        first_day=None if first is None else date_of(first),
        last_day=None if last is None else date_of(last),
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
    used = entry.used_91 * DECAY_91.factor(today - entry.as_of)
    return ServiceFigures(
        service=entry.service,
        unit=entry.unit,
        first_day=date_of(entry.first_day),
        last_day=date_of(entry.last_day),
        days=entry.days,
        total=entry.total,
        per_day_91=used / observed,
    )
