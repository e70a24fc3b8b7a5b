"""The customers with standing signals, those with most at stake first."""

import datetime
import heapq
from collections.abc import Iterator

import msgspec

from domain.customer import state as states
from domain.customer.card import standing_signals
from domain.customer.stake import stake
from events.calendar import day_number
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

    ``placement.account`` is the customer's own id where it has no account.
    """

    customer_id: CustomerId
    customer: CustomerRef
    kind: str | None
    placement: Placement
    stake: Money
    since: datetime.date
    signals: tuple[StandingSignal, ...]


class FlaggedList(msgspec.Struct, frozen=True):
    """The first of all ``flagged`` customers, by stake; all figures as of ``freshness.as_of``.

    ``stake`` is the sum over all of them, also those beyond the limit. ``quarantined`` counts the
    customers whose newer facts are not folded, so that their signals may be out of date.
    """

    freshness: Freshness
    flagged: int
    stake: Money
    quarantined: int
    customers: tuple[FlaggedCustomer, ...]


async def flagged(reading: Reading, limit: int) -> FlaggedList | NothingFolded:
    """Return the flagged customers with most at stake; equal stakes by id.

    Reads states one after the other and keeps ``limit`` of them, however many stand.
    """
    fresh, projection = freshness(reading), reading.states()
    if isinstance(fresh, NothingFolded) or projection is None:
        return NothingFolded(reading.end_offset + 1)
    today, totals = day_number(fresh.as_of), _Totals()
    first = heapq.nsmallest(limit, totals.counting(projection.rows(standing_only=True), today))
    return FlaggedList(
        freshness=fresh,
        flagged=totals.customers,
        stake=Money(totals.stake, reading.fold.currency),
        quarantined=len(projection.quarantined),
        customers=tuple([await _listed(reading, row, today) for *_, row in first]),
    )


class _Totals:
    """Adds up what passes by on its way to the ranking."""

    def __init__(self) -> None:
        self.customers = 0
        self.stake = 0

    def counting(
        self, rows: Iterator[StateRow], today: int
    ) -> Iterator[tuple[int, CustomerId, StateRow]]:
        for row in rows:
            amount = stake(states.decode(row.data).purchases, today)
            self.customers += 1
            self.stake += amount
            yield -amount, row.customer_id, row


async def _listed(reading: Reading, row: StateRow, today: int) -> FlaggedCustomer:
    state, customer_id = states.decode(row.data), row.customer_id
    first = await reading.archive.first_fact(customer_id)
    if first is None:
        raise StoreError(
            f"the log has no fact of customer {customer_id}, whose state is stored: it was cut or"
            " replaced; restore the log that belongs to the projection from a backup"
        )
    signals = standing_signals(reading.fold_on(today).scene(customer_id, today), state)
    return FlaggedCustomer(
        customer_id=customer_id,
        customer=ref_of(first.type, first.data),
        kind=state.master.kind,
        placement=state.master.placement(customer_id),
        stake=Money(stake(state.purchases, today), reading.fold.currency),
        since=min(signal.raised_on for signal in signals),
        signals=signals,
    )
