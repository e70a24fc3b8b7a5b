"""What a fact of behaviour makes of a customer's state: orders, returns, use, contacts, complaints."""

import msgspec

from domain.customer.room import room_for_services
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.detection import churn, silence
from events.complaints import ComplaintOpened, ComplaintReopened, ComplaintResolved
from events.interactions import InteractionRecorded
from events.orders import OrderPlaced, OrderReturned
from events.retention import RetentionClosed
from events.usage import UsageRecorded
from events.values import Quantity


def after_behaviour(
    scene: Scene, state: CustomerState, event: msgspec.Struct, day: int
) -> CustomerState:
    """Return the state after a fact of what the customer did on ``day``.

    Raises ``TypeError`` for a fact that the fold has no rule for.
    """
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
        case RetentionClosed():
            return state  # counted and shown; what the firm did is no behaviour of the customer's
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
