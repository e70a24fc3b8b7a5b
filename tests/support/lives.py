"""Random lives of one customer, folded straight to a state: for properties of the rules."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from events.catalogue import REGISTRY
from tests.support.histories import KINDS, Happening, arrivals
from tests.support.steps import ANNA

FIRST_PURCHASE = Happening("anna", 0, 0, "order", 1_000)


class Lived(NamedTuple):
    """What a life came to, and the day of its last arrival."""

    state: CustomerState
    today: int


def lives(extreme: bool = False) -> st.SearchStrategy[list[Happening]]:
    """Lives that begin with a purchase; ``extreme`` ones with any amount and wait there may be."""
    amounts = st.one_of(st.sampled_from((0, 1, 10**13)), st.integers(0, 10_000))
    waits = (0, 0, 1, 2, 7, 12, 40, 92, 400, 5_000) if extreme else (0, 0, 0, 1, 2, 3, 7, 12, 40)
    happenings = st.builds(
        Happening,
        customer=st.just("anna"),
        wait=st.sampled_from(waits),
        late=st.sampled_from((0, 0, 0, 1, 4, 30, 91)),
        kind=st.sampled_from(KINDS),
        amount=amounts if extreme else st.integers(0, 10_000),
    )
    return st.lists(happenings, max_size=40).map(lambda more: [FIRST_PURCHASE, *more])


def lived(life: Sequence[Happening], fold: CustomerFold) -> Lived:
    """Fold a life, fact by fact, without any turn in between."""
    state, today = None, 0
    for arrival in arrivals(life):
        event, today = REGISTRY.decode(arrival.fact.type, arrival.fact.data), arrival.today
        state = fold.fact(ANNA, state, event, arrival.fact.day, today).state
    assert state is not None
    return Lived(state, today)
