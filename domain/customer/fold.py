"""The fold: ``(state, event) -> (state, outputs)``, for one customer, and nothing else.

It sees the customer's own facts and the marks of its partition; not the neighbours, not the
partition, not the wall clock. So folding a slice of the log gives the same bytes as folding it all.
"""

from typing import NamedTuple

import msgspec

from domain.customer import card, consumption_signals
from domain.customer.feeds import NO_FEEDS, Feeds, at_mark
from domain.customer.master_data import MasterData
from domain.customer.purchases import Purchases
from domain.customer.room import room_for_services
from domain.customer.stake import stake
from domain.customer.state import CustomerState
from domain.detection import silence
from events.calendar import date_of
from events.complaints import ComplaintOpened, ComplaintReopened, ComplaintResolved
from events.customers import AccountAssigned, CustomerChanged, CustomerRegistered
from events.figures import Evidence
from events.interactions import InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    CustomerPlaced,
    RiskStanding,
    SignalReason,
)
from events.usage import UsageRecorded
from events.values import CustomerId, Money, Quantity

NEW_CUSTOMER = CustomerState()
QUIET_EVIDENCE = "crm.order.placed.v1"


class Step(NamedTuple):
    """What one event made of a customer: the new state, and what is to be said about it."""

    state: CustomerState
    outputs: tuple[msgspec.Struct, ...] = ()


class CustomerFold:
    """The fold of one log; the only setting is the log's currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def fact(
        self,
        customer_id: CustomerId,
        state: CustomerState | None,
        event: msgspec.Struct,
        day: int,
        today: int,
    ) -> Step:
        """Fold a fact of ``day`` on the open day ``today``.

        A fact that comes a moment before its day is opened folds as of the open day.
        """
        late = max(0, today - day)
        before = state or NEW_CUSTOMER
        counted = msgspec.structs.replace(
            before, facts=before.facts + 1, late_facts=before.late_facts + (late > 0)
        )
        step = self._applied(customer_id, counted, event, today - late, today)
        return self._with_anomalies(customer_id, before, step, today)

    def due_day(
        self,
        customer_id: CustomerId,
        state: CustomerState,
        today: int,
        feeds: Feeds = NO_FEEDS,
    ) -> Step:
        """Step a customer whose due day has come, at the mark that opens ``today``."""
        used = at_mark(state.consumption, today, feeds).within(room_for_services(state.master))
        after = msgspec.structs.replace(state, consumption=used)
        due = state.silence.due_day
        outputs: tuple[msgspec.Struct, ...] = ()
        if due is not None and due <= today:
            quiet = silence.at_due_day(state.silence, today)
            after = msgspec.structs.replace(after, silence=quiet)
            outputs = self._raised(customer_id, after, today)
        return self._with_anomalies(customer_id, state, Step(after, outputs), today)

    def standings(
        self, customer_id: CustomerId, state: CustomerState, today: int
    ) -> tuple[RiskStanding, ...]:
        """Return one record for each signal that stands when a projection goes live."""
        return tuple(
            RiskStanding(
                customer_id,
                date_of(today),
                signal.reason,
                signal.detector,
                signal.raised_on,
                signal.figures,
                Money(stake(state.purchases, today), self.currency),
                state.master.placement(customer_id),
            )
            for signal in card.standing_signals(state, today)
        )

    def _applied(
        self,
        customer_id: CustomerId,
        state: CustomerState,
        event: msgspec.Struct,
        day: int,
        today: int,
    ) -> Step:
        match event:
            case OrderPlaced(total=total):
                bought = state.purchases.with_order(day, today, total.amount)
                return self._purchased(customer_id, state, bought, today)
            case CustomerRegistered() | CustomerChanged() | AccountAssigned():
                return self._placed(customer_id, state, state.master.with_fact(event), today)
            case _:
                return Step(_counted(state, event, day, today))

    def _purchased(
        self, customer_id: CustomerId, state: CustomerState, bought: Purchases, today: int
    ) -> Step:
        _, last_day = bought.span()
        watch = silence.after_purchase(state.silence, bought.gaps, last_day, today)
        stepped = msgspec.structs.replace(state, purchases=bought, silence=watch)
        raised_day = state.silence.raised_day
        if raised_day is None or watch.raised_day is not None:
            return Step(stepped)
        return Step(stepped, self._cleared(customer_id, state, stepped, raised_day, today))

    def _placed(
        self, customer_id: CustomerId, state: CustomerState, master: MasterData, today: int
    ) -> Step:
        placement = master.placement(customer_id)
        used = state.consumption.within(room_for_services(master))
        stepped = msgspec.structs.replace(state, master=master, consumption=used)
        if placement == state.master.placement(customer_id):
            return Step(stepped)
        return Step(stepped, (CustomerPlaced(customer_id, date_of(today), placement),))

    def _with_anomalies(
        self, customer_id: CustomerId, before: CustomerState, step: Step, today: int
    ) -> Step:
        """Say before the card what began or ended of the consumption between two states."""
        after = step.state
        about = consumption_signals.About(
            customer_id,
            today,
            Money(stake(after.purchases, today), self.currency),
            after.master.placement(customer_id),
        )
        said = [*consumption_signals.changes(about, before.consumption, after.consumption)]
        if not said:
            return step
        shown = card.card(customer_id, after, today, self.currency)
        others = [output for output in step.outputs if output != shown]
        return Step(after, (*others, *said, shown))

    def _raised(
        self, customer_id: CustomerId, state: CustomerState, today: int
    ) -> tuple[msgspec.Struct, ...]:
        first_day, last_day = state.purchases.span()
        raised = AnomalyRaised(
            customer_id,
            date_of(today),
            SignalReason.UNUSUALLY_QUIET,
            silence.DETECTOR,
            silence.figures(state.purchases.gaps, today - last_day),
            Evidence(QUIET_EVIDENCE, date_of(first_day), date_of(last_day)),
            Money(stake(state.purchases, today), self.currency),
            state.master.placement(customer_id),
        )
        return raised, card.card(customer_id, state, today, self.currency)

    def _cleared(
        self,
        customer_id: CustomerId,
        before: CustomerState,
        after: CustomerState,
        raised_day: int,
        today: int,
    ) -> tuple[msgspec.Struct, ...]:
        (_, quiet_since), (_, ended_on) = before.purchases.span(), after.purchases.span()
        cleared = AnomalyCleared(
            customer_id,
            date_of(today),
            SignalReason.UNUSUALLY_QUIET,
            silence.DETECTOR,
            date_of(raised_day),
            silence.figures(before.purchases.gaps, ended_on - quiet_since),
            after.master.placement(customer_id),
        )
        return cleared, card.card(customer_id, after, today, self.currency)


def _counted(state: CustomerState, event: msgspec.Struct, day: int, today: int) -> CustomerState:
    """Return the state after a fact that is counted, and about which nothing is said."""
    match event:
        case UsageRecorded(service=service, quantity=Quantity(value=value, unit=unit)):
            consumption = state.consumption.with_usage(service, unit, day, today, value)
            room = room_for_services(state.master)
            fitting = consumption.within(room, (service, unit))
            return msgspec.structs.replace(state, consumption=fitting)
        case OrderReturned(total=total):
            returned = state.purchases.with_return(day, today, total.amount)
            return msgspec.structs.replace(state, purchases=returned)
        case InteractionRecorded():
            contacts = state.contacts.with_interaction(event, day)
            return msgspec.structs.replace(state, contacts=contacts)
        case ComplaintOpened() | ComplaintResolved() | ComplaintReopened():
            complaints = state.complaints.with_fact(event, day)
            return msgspec.structs.replace(state, complaints=complaints)
        case _:
            raise TypeError(f"the fold has no rule for {type(event).__name__}")
