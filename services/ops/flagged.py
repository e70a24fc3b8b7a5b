"""The customers with standing signals, those with whom most is likely to be lost first."""

import datetime
import heapq
from collections.abc import Sequence

import msgspec

from domain.customer import churn_signals
from domain.customer import state as states
from domain.customer.card import card
from domain.customer.ranking import expected_loss
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from events.figures import ChurnFigures
from events.profiles import StandingSignal
from events.signals import Placement
from events.values import CustomerId, CustomerRef, Money
from infra.sqlite.connection import StoreError
from infra.state.port import ReadRow, StateReader
from services.ops.customers import ref_of
from services.ops.freshness import Freshness, NothingFolded, freshness
from services.ops.reading import Reading


class FlaggedCustomer(msgspec.Struct, frozen=True):
    """Who, why in figures, since when, what is at stake over 91 days, and who looks after it.

    ``churn`` is the customer's score as of today, as on its card; ``expected_loss`` is the
    probability in it times the stake, half of the stake without a score. ``placement.account`` is the customer's own id where it
    has no account.
    """

    customer_id: CustomerId
    customer: CustomerRef
    kind: str | None
    placement: Placement
    stake: Money
    expected_loss: Money
    since: datetime.date
    churn: ChurnFigures | None
    signals: tuple[StandingSignal, ...]


class FlaggedList(msgspec.Struct, frozen=True):
    """The first of all ``flagged`` customers, by expected loss; all figures as of ``freshness.as_of``.

    ``stake`` is the sum over all of them, also those beyond the limit. ``quarantined`` counts the
    customers whose newer facts are not folded, so that their signals may be out of date.
    """

    freshness: Freshness
    flagged: int
    stake: Money
    quarantined: int
    customers: tuple[FlaggedCustomer, ...]


async def flagged(reading: Reading, limit: int) -> FlaggedList | NothingFolded:
    """Return the flagged customers with whom most is likely to be lost; equal ones by id.

    Reads states one after the other and keeps ``limit`` of them, however many stand.
    """
    fresh, projection = freshness(reading), reading.states()
    if isinstance(fresh, NothingFolded) or projection is None:
        return NothingFolded(reading.records)
    ranking = _Ranking(reading, limit)
    await ranking.rank(projection)
    return FlaggedList(
        freshness=fresh,
        flagged=ranking.customers,
        stake=Money(ranking.stake, reading.fold.currency),
        quarantined=len(await projection.quarantined()),
        customers=tuple([await _listed(reading, found) for found in ranking.first()]),
    )


class _Ranking:
    """Adds up who passes by, and keeps those with whom most is likely to be lost."""

    def __init__(self, reading: Reading, limit: int) -> None:
        self.customers = 0
        self.stake = 0
        self._reading = reading
        self._limit = limit
        self._kept: list[tuple[float, _Reversed, ReadRow]] = []

    async def rank(self, projection: StateReader) -> None:
        """Let everybody with a standing signal pass by."""
        async for found in projection.rows(standing_only=True):
            state, scene = _met(self._reading, found)
            amount = scene.stake(state).amount
            self.customers += 1
            self.stake += amount
            loss = expected_loss(_log_odds(scene, state), amount)
            heapq.heappush(self._kept, (loss, _Reversed(found.customer_id), found))
            if len(self._kept) > self._limit:
                heapq.heappop(self._kept)

    def first(self) -> Sequence[ReadRow]:
        """Return those kept, in order."""
        return [found for *_, found in sorted(self._kept, reverse=True)]


class _Reversed(str):
    """An id that sorts backwards: of equal losses the first id comes first."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def _met(reading: Reading, found: ReadRow) -> tuple[CustomerState, Scene]:
    """Return a state, and the scene of the day that is open in its partition."""
    if found.row is None or found.position.open_day is None:
        raise StoreError(f"the state of customer {found.customer_id} stands before the first day")
    today = found.position.open_day
    return states.decode(found.row.data), reading.fold_on(today).scene(found.customer_id, today)


def _log_odds(scene: Scene, state: CustomerState) -> float | None:
    """Return the score of a customer; None for who never bought, and where none is to be shown."""
    if state.purchases.first_day is None or not scene.model.is_taught:
        return None
    return churn_signals.scored(scene, state).log_odds


async def _listed(reading: Reading, found: ReadRow) -> FlaggedCustomer:
    (state, scene), customer_id = _met(reading, found), found.customer_id
    first = await (await reading.reaching(found)).first_fact(customer_id)
    if first is None:
        raise StoreError(
            f"the log has no fact of customer {customer_id}, whose state is stored: it was cut or"
            " replaced; restore the log that belongs to the projection from a backup"
        )
    shown = card(scene, state)
    log_odds = None if shown.churn is None else shown.churn.log_odds
    loss = round(expected_loss(log_odds, shown.stake.amount))
    return FlaggedCustomer(
        customer_id=customer_id,
        customer=ref_of(first.type, first.data),
        kind=shown.kind,
        placement=shown.placement,
        stake=shown.stake,
        expected_loss=Money(loss, reading.fold.currency),
        since=min(signal.raised_on for signal in shown.signals),
        churn=shown.churn,
        signals=shown.signals,
    )
