"""A few hundred customers, a third of whom leave: long enough for labels to mature and models to differ.

All of it is arithmetic on a customer's number, so it is the same for ever.
"""

from collections.abc import Iterator

from infra.log.records import NewFact
from tests.support.given import DAY, order

CUSTOMERS = 180
DAYS = 154
"""22 weeks: labels of snapshots behind the first 42 days come from day 133 on."""


def population(customers: int = CUSTOMERS, days: int = DAYS) -> list[NewFact]:
    """All their orders, in the order of days."""
    facts = [fact for number in range(customers) for fact in _orders(number, days)]
    return sorted(facts, key=lambda fact: (fact.day, fact.id))


def _orders(number: int, days: int) -> Iterator[NewFact]:
    leaves = 30 + (number * 11) % 90 if number % 3 == 0 else days
    gap = 5 + (number * 7) % 23
    for turn, day in enumerate(range(number % 20, min(days, leaves), gap)):
        late = (number * turn) % 3
        amount = 500 + 100 * ((number * 37 + turn) % 40)
        yield order(f"c{number}", DAY + min(day + late, days - 1), amount, f"o{number}-{turn}")
