"""Logs in memory with a scheduled feed: customers with metered use, feeds that come, or late, or never."""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from events.catalogue import SIGNALS
from events.control import SourceScheduled
from events.signals import AnomalyRaised
from infra.log.records import NewFact
from infra.stream.runner import Limits
from tests.support.given import DAY, usage
from tests.support.metered import ordinary
from tests.support.world import World, decoded

SERVICE, OTHER = "mobile-data", "voice"
CUSTOMERS = ("anna", "bert", "cleo")
DAYS = 75
"""Nineteen days more than it takes to know what is usual."""


class Feed(NamedTuple):
    """A feed that is declared ``delay`` days late, on the day ``since``.

    It comes on the day after that it may at the latest, but a day later for ``late`` days, and
    never for ``lost`` ones. ``times`` multiplies what (customer, day) used. Days count from `DAY`.
    """

    delay: int = 0
    since: int = 0
    late: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    times: Mapping[tuple[str, int], float] = {}

    def of(self, day: int) -> list[NewFact]:
        """The records of a day."""
        found: list[NewFact] = []
        for number, customer in enumerate(CUSTOMERS):
            total = (1 + number) * ordinary(day) * self.times.get((customer, day), 1.0)
            if total:
                found.append(usage(customer, DAY + day, SERVICE, total))
            if day % 9 == number:
                found.append(usage(customer, DAY + day, OTHER, total + 1.0, "min"))
        return found

    def arriving(self, today: int) -> list[NewFact]:
        """The records that come on a day: of the day that closes with it, or on time a moment ago."""
        on_time, behind = today - self.delay, today - 1 - self.delay
        coming: list[NewFact] = []
        if behind >= 0 and behind in self.late:
            coming += self.of(behind)
        if 0 <= on_time < DAYS and on_time not in self.late | self.lost:
            coming += self.of(on_time)
        return coming


days = st.frozensets(st.integers(0, DAYS - 1), max_size=12)
feeds = st.builds(
    Feed,
    delay=st.integers(0, 7),
    since=st.sampled_from((0, 0, 0, 5, 70)),
    late=days,
    lost=days,
    times=st.dictionaries(
        st.tuples(st.sampled_from(CUSTOMERS), st.integers(50, DAYS - 1)),
        st.sampled_from((0.0, 0.0, 0.4, 9.0)),
        max_size=12,
    ),
)


async def played(
    feed: Feed, partitions: int = 1, limits: Limits | None = None, until: int = DAYS
) -> World:
    """A world with this feed, not folded yet."""
    world = await World(partitions, limits).create()
    for today in range(until + feed.delay):
        await world.log.advance(DAY + today)
        if today == feed.since:
            await world.log.schedule(SourceScheduled("shop", (SERVICE,), feed.delay))
        await world.append(feed.arriving(today))
    await world.log.advance(DAY + until + feed.delay)
    return world


async def folded(feed: Feed, partitions: int = 1, limits: Limits | None = None) -> World:
    """The same, folded to its end."""
    world = await played(feed, partitions, limits)
    await world.fold()
    return world


def raised(world: World) -> list[AnomalyRaised]:
    """Every anomaly of consumption that was raised."""
    signals = [decoded(record) for record in world.said() if record.topic == SIGNALS]
    return [signal for signal in signals if isinstance(signal, AnomalyRaised)]
