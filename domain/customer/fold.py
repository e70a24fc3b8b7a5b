"""The fold: ``(state, event) -> (state, outputs)``, for one customer, and nothing else.

It sees the customer's own facts and the marks of its partition; not the neighbours, not the
partition, not the wall clock. So folding a slice of the log gives the same bytes as folding it all.
"""

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import msgspec

from domain.customer import card, churn_signals
from domain.customer.announcements import said
from domain.customer.behaviour import after_behaviour
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
from events.customers import AccountAssigned, CustomerChanged, CustomerRegistered
from events.figures import ChurnFigures
from events.signals import CustomerPlaced, RiskStanding
from events.values import CustomerId

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
        after = after_behaviour(scene, counted, event, today - late)
        scored = None
        if after.purchases.first_day is not None and _may_change(scene, after):
            scored = churn_signals.scored(scene, after)
            after = _watched(scene, after, scored)
        return Step(after, tuple(said(scene, before, after, scored)))

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
        outputs += said(scene, state, after, scored)
        if scored is not None:
            after, snapshot = weekly_turn(scene, after, scored)
            outputs.append(snapshot)
        return Step(after, tuple(outputs))

    def standings(
        self, customer_id: CustomerId, state: CustomerState, today: int
    ) -> tuple[RiskStanding, ...]:
        """Return one record for each signal that stands when a projection goes live."""
        scene = self.scene(customer_id, today)
        churn = churn_signals.shown(scene, state)
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
                None if isinstance(signal.figures, ChurnFigures) else churn,
            )
            for signal in card.standing_signals(scene, state)
        )

    def scene(self, customer_id: CustomerId, today: int) -> Scene:
        """Return a customer on an open day, as this fold sees it."""
        return Scene(customer_id, today, self.currency, self.model)


def _has_come(due_day: int | None, today: int) -> bool:
    return due_day is not None and due_day <= today


def _may_change(scene: Scene, state: CustomerState) -> bool:
    """Tell whether a score could begin or end the risk of a customer who has bought."""
    _, last_day = state.purchases.span()
    return churn.can_change(
        state.churn, last_day=last_day, today=scene.today, may_raise=scene.model.is_taught
    )


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


def _placed(
    scene: Scene,
    state: CustomerState,
    event: CustomerRegistered | CustomerChanged | AccountAssigned,
) -> Step:
    master = state.master.with_fact(event)
    used = state.consumption.within(room_for_services(master))
    stepped = msgspec.structs.replace(state, master=master, consumption=used)
    placement = scene.placement(stepped)
    outputs: tuple[msgspec.Struct, ...] = tuple(said(scene, state, stepped, None))
    if placement == scene.placement(state):
        return Step(stepped, outputs)
    placed = CustomerPlaced(scene.customer_id, date_of(scene.today), placement)
    return Step(stepped, (placed, *outputs))
