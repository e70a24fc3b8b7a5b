"""The customers with standing signals, those with whom most is likely to be lost first."""

import datetime
import heapq
from collections.abc import Iterator

import msgspec

from domain.customer import churn_signals
from domain.customer import state as states
from domain.customer.card import card
from domain.customer.fold import CustomerFold
from domain.customer.ranking import expected_loss
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from events.calendar import day_number
from events.figures import ChurnFigures
from events.profiles import StandingSignal
from events.signals import Placement
from events.values import CustomerId, CustomerRef, Money
from infra.sqlite.connection import StoreError
from infra.state.port import StateRow
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
        return NothingFolded(reading.end_offset + 1)
    today = day_number(fresh.as_of)
    fold = reading.fold_on(today)
    totals = _Totals(fold, today)
    first = heapq.nsmallest(limit, totals.counting(projection.rows(standing_only=True)))
    return FlaggedList(
        freshness=fresh,
        flagged=totals.customers,
        stake=Money(totals.stake, fold.currency),
        quarantined=len(projection.quarantined),
        customers=tuple([await _listed(reading, fold, row, today) for *_, row in first]),
    )


class _Totals:
    """Adds up what passes by on its way to the ranking."""

    def __init__(self, fold: CustomerFold, today: int) -> None:
        self.customers = 0
        self.stake = 0
        self._fold = fold
        self._today = today

    def counting(self, rows: Iterator[StateRow]) -> Iterator[tuple[float, CustomerId, StateRow]]:
        for row in rows:
            state = states.decode(row.data)
            scene = self._fold.scene(row.customer_id, self._today)
            amount = scene.stake(state).amount
            self.customers += 1
            self.stake += amount
            yield -expected_loss(_log_odds(scene, state), amount), row.customer_id, row


def _log_odds(scene: Scene, state: CustomerState) -> float | None:
    """Return the score of a customer; None for who never bought, and where none is to be shown."""
    if state.purchases.first_day is None or not scene.model.is_taught:
        return None
    return churn_signals.scored(scene, state).log_odds


async def _listed(
    reading: Reading, fold: CustomerFold, row: StateRow, today: int
) -> FlaggedCustomer:
    state, customer_id = states.decode(row.data), row.customer_id
    first = await reading.archive.first_fact(customer_id)
    if first is None:
        raise StoreError(
            f"the log has no fact of customer {customer_id}, whose state is stored: it was cut or"
            " replaced; restore the log that belongs to the projection from a backup"
        )
    shown = card(fold.scene(customer_id, today), state)
    log_odds = None if shown.churn is None else shown.churn.log_odds
    loss = round(expected_loss(log_odds, shown.stake.amount))
    return FlaggedCustomer(
        customer_id=customer_id,
        customer=ref_of(first.type, first.data),
        kind=shown.kind,
        placement=shown.placement,
        stake=shown.stake,
        expected_loss=Money(loss, fold.currency),
        since=min(signal.raised_on for signal in shown.signals),
        churn=shown.churn,
        signals=shown.signals,
    )
