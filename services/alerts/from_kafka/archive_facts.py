"""Facts of resting customers as the archive in PostgreSQL has them: a few customers, out of many facts.

The archive is fed in the order of each partition; so nothing comes to stand behind what was looked at.
"""

from collections.abc import Mapping, Sequence

from events.values import CustomerId
from infra.archive.postgres import PostgresArchive
from infra.archive.postgres_about import ArchiveMissingError
from infra.log.partitioning import partition_of
from infra.log.records import FactRecord
from infra.postgres.settings import PostgresSettings
from services.alerts.waking import WAKING_TYPES


class ArchiveFacts:
    """`WakingFacts` of all partitions.

    Nothing of where it is needs to be kept: what happened since a customer rests is found again, and
    that is asked of everybody at the beginning, and of whoever was laid to rest meanwhile.
    """

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings
        self._asked: Mapping[CustomerId, int] = {}
        self._ends: Sequence[int] = ()
        self._next: tuple[Mapping[CustomerId, int], Sequence[int]] = ({}, ())

    async def next(self, resting: Mapping[CustomerId, int]) -> Sequence[FactRecord]:
        """Return what came of these customers since the last look. Raises `PostgresUnavailableError`."""
        if not resting:
            self._asked, self._ends = {}, ()
            return ()
        try:
            archive = await PostgresArchive.open(self._settings)
        except ArchiveMissingError:
            return ()  # nothing was fed yet, so nothing has happened that it knows of
        try:
            partitions = range(archive.partitions)
            ends = [await archive.end_offset(partition) for partition in partitions]
            places = {each: self._place(each, since, len(ends)) for each, since in resting.items()}
            found = await archive.facts_behind(places, WAKING_TYPES)
        finally:
            await archive.close()
        self._next = (dict(resting), ends)
        facts = [each for each in found if each.time > resting.get(_customer(each), 0)]
        if not facts:
            await self.passed()
        return facts

    async def passed(self) -> None:
        """Go on behind what was looked at."""
        self._asked, self._ends = self._next

    def _place(self, customer_id: CustomerId, since: int, partitions: int) -> int:
        """Return the offset above which a customer's facts are of interest."""
        if self._asked.get(customer_id) != since:
            return -1
        return self._ends[partition_of(customer_id, partitions)]


def _customer(fact: FactRecord) -> CustomerId:
    if fact.customer_id is None:
        raise TypeError("a mark is of no customer")
    return fact.customer_id
