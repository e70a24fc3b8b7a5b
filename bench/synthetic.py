"""A made-up firm: which of its customers orders or uses what on which day, from one seed.

Customers differ as real ones do. Activity is log-normal, so that a few do most; a third joins
later, a third leaves earlier, which keeps day steps and signals busy. Three in ten facts are orders
of one to five lines, the others usage of one of four metered services.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

import msgspec

from events import codec
from events.control import LogCreated
from events.identity import CustomerNamespace
from events.orders import OrderLine, OrderPlaced
from events.usage import UsageRecorded
from events.values import CustomerRef, Money, Quantity
from infra.log.records import NewFact

IDENTITY = LogCreated(
    "00000000-0000-4000-8000-000000000000", "UTC", "EUR", "7d1b0f5e-6f0c-5c53-9d0a-0a3c1f7f3a51"
)
FIRST_DAY = 18262  # 2020-01-01
DAY_MICROSECONDS = 86_400 * 1_000_000
ORDER_SHARE = 0.3
SERVICES = (("mobile-data", "GB"), ("voice", "min"), ("power", "kWh"), ("messages", "piece"))
SYSTEM = "synthetic"


class Firm(msgspec.Struct, frozen=True):
    """How much there is of it."""

    facts: int
    customers: int
    days: int
    seed: int = 20_200_101


def facts_of(firm: Firm) -> Iterator[NewFact]:
    """Yield exactly ``firm.facts`` facts, in the order of their times."""
    chance = random.Random(firm.seed)
    population = _Population(firm, chance)
    for number in range(firm.facts):
        day = number * firm.days // firm.facts
        of_day = -(-((day + 1) * firm.facts) // firm.days) - -(-day * firm.facts // firm.days)
        within = number - -(-day * firm.facts // firm.days)
        time = (FIRST_DAY + day) * DAY_MICROSECONDS + within * (DAY_MICROSECONDS // of_day)
        yield population.fact(number, day, time)


class _Population:
    """Draws who does something, and what."""

    def __init__(self, firm: Firm, chance: random.Random) -> None:
        namespace = CustomerNamespace(IDENTITY.namespace)
        self._chance = chance
        self._refs = [CustomerRef(SYSTEM, f"c{number}") for number in range(firm.customers)]
        self._ids = [namespace.id_of(ref) for ref in self._refs]
        self._activity = [chance.lognormvariate(0.0, 0.8) for _ in self._refs]
        self._spans = [_span(firm.days, chance) for _ in self._refs]
        self._day = -1
        self._present: list[int] = []
        self._weights: list[float] = []

    def fact(self, number: int, day: int, time: int) -> NewFact:
        """Return the fact number ``number``."""
        if day != self._day:
            self._begin(day)
        customer = self._chance.choices(self._present, cum_weights=self._weights)[0]
        is_order = self._chance.random() < ORDER_SHARE
        event = self._order(number, customer) if is_order else self._usage(customer)
        return NewFact(
            "crm.order.placed.v1" if is_order else "crm.usage.recorded.v1",
            self._ids[customer],
            SYSTEM,
            f"f{number}",
            time,
            FIRST_DAY + day,
            codec.encode(event),
        )

    def _begin(self, day: int) -> None:
        self._day = day
        spans = enumerate(self._spans)
        self._present = [customer for customer, (first, last) in spans if first <= day <= last]
        self._weights = list(accumulate(self._activity[customer] for customer in self._present))

    def _order(self, number: int, customer: int) -> OrderPlaced:
        lines = tuple(
            OrderLine(f"sku-{self._chance.randrange(500)}", Quantity(float(count), "piece"), 250)
            for count in range(1, self._chance.randrange(2, 7))
        )
        total = Money(self._chance.randrange(500, 50_000), IDENTITY.currency)
        return OrderPlaced(self._refs[customer], f"o{number}", total, lines)

    def _usage(self, customer: int) -> UsageRecorded:
        service, unit = SERVICES[self._chance.randrange(len(SERVICES))]
        amount = round(self._chance.expovariate(0.1), 3)
        return UsageRecorded(self._refs[customer], service, Quantity(amount, unit))


def _span(days: int, chance: random.Random) -> tuple[int, int]:
    """Return the first and last day on which a customer does anything."""
    whole = (0, days - 1)
    return chance.choice((whole, (chance.randrange(days), whole[1]), (0, chance.randrange(days))))
