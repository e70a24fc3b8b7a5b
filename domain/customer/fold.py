"""The fold: ``(state, event) -> (state, outputs)``, for one customer, and nothing else.

It sees the customer's own facts and the marks of its partition; not the neighbours, not the
partition, not the wall clock. So folding a slice of the log gives the same bytes as folding it all.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

import msgspec

from domain.customer import card, churn_signals, consumption_signals, quiet_signals
from domain.customer.feeds import NO_FEEDS, Feeds, at_mark
from domain.customer.room import room_for_services
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.customer.turn import weekly_turn
from domain.detection import churn, silence
from domain.detection.churn_inputs import inputs_of
from domain.detection.churn_score import Score, scores
from domain.detection.day_model import START, DayModel
from events.calendar import date_of
from events.complaints import ComplaintOpened, ComplaintReopened, ComplaintResolved
from events.customers import AccountAssigned, CustomerChanged, CustomerRegistered
from events.interactions import InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.signals import CustomerPlaced, RiskStanding
from events.usage import UsageRecorded
from events.values import CustomerId, Quantity

NEW_CUSTOMER = CustomerState()


class Step(NamedTuple):
    """What one event made of a customer: the new state, and what is to be said about it."""

    state: CustomerState
    outputs: tuple[msgspec.Struct, ...] = ()


class CustomerFold:
    """The fold of one log under the model of one day; the log's currency is its only setting."""

    def __init__(self, currency: str, model: DayModel = START) -> None:
        self.currency = currency
        self.model = model

    def under(self, model: DayModel) -> "CustomerFold":
        """Return the fold of the same log under the model of another day."""
        fold = copy(self)
        fold.model = model
        return fold

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
        scene = self.scene(customer_id, today)
        if isinstance(event, CustomerRegistered | CustomerChanged | AccountAssigned):
            return _placed(scene, counted, event)
        after = _with_behaviour(scene, counted, event, today - late)
        scored = None
        if after.purchases.first_day is not None:
            scored = churn_signals.scored(scene, after)
            after = _watched(scene, after, scored)
        return Step(after, tuple(_said(scene, before, after, scored)))

    def turn_scores(self, states: Sequence[CustomerState], today: int) -> Sequence[Score | None]:
        """Return the scores of those whose weekly turn has come, at once, and None for the others.

        They are those that `due_day` finds by itself, to the last bit.
        """
        places = [
            place for place, state in enumerate(states) if _has_come(state.churn.due_day, today)
        ]
        inputs = [inputs_of(states[place], today) for place in places]
        found: list[Score | None] = [None] * len(states)
        for place, scored in zip(places, scores(self.model, inputs), strict=True):
            found[place] = scored
        return found

    def due_day(
        self,
        customer_id: CustomerId,
        state: CustomerState,
        today: int,
        turn_score: Score | None = None,
        feeds: Feeds = NO_FEEDS,
    ) -> Step:
        """Step a customer whose due day has come, at the mark that opens ``today``.

        ``turn_score`` is what `turn_scores` found for it, if that was asked; ``feeds`` is what the
        mark says of the scheduled feeds.
        """
        scene = self.scene(customer_id, today)
        used = at_mark(state.consumption, today, feeds).within(room_for_services(state.master))
        after = msgspec.structs.replace(state, consumption=used)
        outputs: list[msgspec.Struct] = []
        scored = None
        if _has_come(state.churn.due_day, today):
            scored = turn_score or churn_signals.scored(scene, state)
            after = _watched(scene, after, scored)
        if _has_come(state.silence.due_day, today):
            after = msgspec.structs.replace(after, silence=silence.at_due_day(after.silence, today))
        outputs += _said(scene, state, after, scored)
        if scored is not None:
            after, snapshot = weekly_turn(scene, after, scored)
            outputs.append(snapshot)
        return Step(after, tuple(outputs))

    def standings(
        self, customer_id: CustomerId, state: CustomerState, today: int
    ) -> tuple[RiskStanding, ...]:
        """Return one record for each signal that stands when a projection goes live."""
        scene = self.scene(customer_id, today)
        return tuple(
            RiskStanding(
                customer_id,
                date_of(today),
                signal.reason,
                signal.detector,
                signal.raised_on,
                signal.figures,
                scene.stake(state),
                scene.placement(state),
            )
            for signal in card.standing_signals(scene, state)
        )

    def scene(self, customer_id: CustomerId, today: int) -> Scene:
        """Return a customer on an open day, as this fold sees it."""
        return Scene(customer_id, today, self.currency, self.model)


def _has_come(due_day: int | None, today: int) -> bool:
    return due_day is not None and due_day <= today


def _watched(scene: Scene, state: CustomerState, scored: Score) -> CustomerState:
    """Return the state after its score was looked at."""
    _, last_day = state.purchases.span()
    watch = churn.after_score(
        state.churn,
        scored.log_odds,
        last_day=last_day,
        today=scene.today,
        may_raise=scene.model.is_taught,
    )
    return state if watch is state.churn else msgspec.structs.replace(state, churn=watch)


def _said(
    scene: Scene, before: CustomerState, after: CustomerState, scored: Score | None
) -> Iterator[msgspec.Struct]:
    """Yield what is to be said of what began or ended between two states, and then the card."""
    signals = (
        *_of_silence(scene, before, after),
        *_of_risk(scene, before, after, scored),
        *_of_consumption(scene, before, after),
    )
    yield from signals
    if signals:
        yield card.card(scene, after)


def _of_silence(
    scene: Scene, before: CustomerState, after: CustomerState
) -> Iterator[msgspec.Struct]:
    was, is_now = before.silence.raised_day, after.silence.raised_day
    if was is None and is_now is not None:
        yield quiet_signals.raised(scene, after)
    if was is not None and is_now is None:
        yield quiet_signals.cleared(scene, before, after, was)


def _of_risk(
    scene: Scene, before: CustomerState, after: CustomerState, scored: Score | None
) -> Iterator[msgspec.Struct]:
    was, is_now = before.churn.raised_day, after.churn.raised_day
    if scored is None or was == is_now:
        return
    if was is not None:
        yield churn_signals.cleared(scene, after, scored, was)
    if is_now is not None:
        yield churn_signals.raised(scene, after, scored)


def _of_consumption(
    scene: Scene, before: CustomerState, after: CustomerState
) -> Iterator[msgspec.Struct]:
    if before.consumption is after.consumption:
        return
    about = consumption_signals.About(
        scene.customer_id, scene.today, scene.stake(after), scene.placement(after)
    )
    yield from consumption_signals.changes(about, before.consumption, after.consumption)


def _placed(
    scene: Scene,
    state: CustomerState,
    event: CustomerRegistered | CustomerChanged | AccountAssigned,
) -> Step:
    master = state.master.with_fact(event)
    used = state.consumption.within(room_for_services(master))
    stepped = msgspec.structs.replace(state, master=master, consumption=used)
    placement = scene.placement(stepped)
    outputs: tuple[msgspec.Struct, ...] = tuple(_said(scene, state, stepped, None))
    if placement == scene.placement(state):
        return Step(stepped, outputs)
    placed = CustomerPlaced(scene.customer_id, date_of(scene.today), placement)
    return Step(stepped, (placed, *outputs))


def _with_behaviour(
    scene: Scene, state: CustomerState, event: msgspec.Struct, day: int
) -> CustomerState:
    """Return the state after a fact of what the customer did on ``day``."""
    today = scene.today
    match event:
        case OrderPlaced(total=total):
            return _after_order(scene, state, day, total.amount)
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


def _after_order(scene: Scene, state: CustomerState, day: int, amount: int) -> CustomerState:
    """Return the state after an order; with the first one the customer's weekly turns begin."""
    bought = state.purchases.with_order(day, scene.today, amount)
    _, last_day = bought.span()
    watch, turns = (
        silence.after_purchase(state.silence, bought.gaps, last_day, scene.today),
        state.churn,
    )
    if turns.due_day is None:
        due_day = churn.next_turn(scene.customer_id, scene.today)
        turns = msgspec.structs.replace(turns, due_day=due_day)
    return msgspec.structs.replace(state, purchases=bought, silence=watch, churn=turns)
