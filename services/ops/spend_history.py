"""What a customer spent in periods of four weeks, beside what was expected at the start of each."""

import datetime
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from domain.customer.stake import HORIZON_DAYS, ExpectedSpend
from events.calendar import date_of
from events.catalogue import REGISTRY
from events.figures import SilenceFigures
from events.orders import OrderPlaced
from events.signals import AnomalyCleared, AnomalyRaised, SignalReason
from infra.log.records import FactRecord
from services.ops.customer_past import CustomerPast

PERIOD_DAYS = 28
PERIODS = 13


class SpendPeriod(msgspec.Struct, frozen=True):
    """Orders of some days, in minor units; ``expected`` is null before anything was known."""

    first_day: datetime.date
    last_day: datetime.date
    orders: int
    spent: int
    expected: ExpectedSpend | None


class Silence(msgspec.Struct, frozen=True):
    """An unusual silence: from the last order before it until it was over; null while it stands."""

    last_order: datetime.date
    raised_on: datetime.date
    over_on: datetime.date | None


def spend_periods(past: CustomerPast) -> tuple[SpendPeriod, ...]:
    """Return the last thirteen periods, oldest first, from the one with the first order on."""
    orders = [(fact.day, amount) for fact, amount in _orders(past.facts) if fact.day is not None]
    if not orders:
        return ()
    first_order = min(day for day, _ in orders)
    starts = [past.today + 1 - PERIOD_DAYS * number for number in range(PERIODS, 0, -1)]
    return tuple(
        _period(past, orders, start) for start in starts if start + PERIOD_DAYS > first_order
    )


def silences(past: CustomerPast) -> tuple[Silence, ...]:
    """Return the silences that were raised, oldest first."""
    found: list[Silence] = []
    for output in past.said:
        match output.event:
            case AnomalyRaised(figures=SilenceFigures(days_since_order=days), day=day):
                found.append(Silence(day - datetime.timedelta(days=days), day, None))
            case AnomalyCleared(reason=SignalReason.UNUSUALLY_QUIET) as cleared if found:
                found[-1] = msgspec.structs.replace(found[-1], over_on=cleared.day)
            case _:
                continue
    return tuple(found)


def _orders(facts: Sequence[FactRecord]) -> list[tuple[FactRecord, int]]:
    decoded = ((fact, REGISTRY.decode(fact.type, fact.data)) for fact in facts)
    return [(fact, event.total.amount) for fact, event in decoded if isinstance(event, OrderPlaced)]


def _period(past: CustomerPast, orders: Sequence[tuple[int, int]], start: int) -> SpendPeriod:
    amounts = [amount for day, amount in orders if start <= day < start + PERIOD_DAYS]
    return SpendPeriod(
        first_day=date_of(start),
        last_day=date_of(start + PERIOD_DAYS - 1),
        orders=len(amounts),
        spent=sum(amounts),
        expected=_expected(past, start),
    )


def _expected(past: CustomerPast, day: int) -> ExpectedSpend | None:
    """Return a period's share of what was expected of 91 days, when it was last looked at."""
    looked = bisect_right(past.expected, day, key=lambda met: met.day)
    if not looked:
        return None
    part = PERIOD_DAYS / HORIZON_DAYS
    return ExpectedSpend(*(amount * part for amount in past.expected[looked - 1].spend))
