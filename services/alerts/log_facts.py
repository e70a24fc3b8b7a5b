"""Facts of resting customers as the log of this process has them: all are read on, one partition."""

from collections.abc import Mapping, Sequence

from events.values import CustomerId
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskStore
from infra.desk.relay import keep_place, place_of
from infra.log.port import FactReader
from infra.log.records import FactRecord

FACTS_A_READ = 2000
NAME = "facts:0"


class LogFacts:
    """`WakingFacts` on a log of one partition; how far it was read stands in the desk's store."""

    def __init__(self, desk: TaskDesk, log: FactReader) -> None:
        self._desk = desk
        self._log = log
        self._place: int | None = None
        self._last = -1

    async def next(self, resting: Mapping[CustomerId, int]) -> Sequence[FactRecord]:
        """Return the next facts of all customers; where nobody rests, all there are lie behind."""
        if not resting:
            self._place = await self._log.end_offset(0)
            return ()
        if self._place is None:
            self._place = await self._desk.run(_kept_place)
        facts = await self._log.read_facts(0, self._place, FACTS_A_READ)
        if facts:
            self._last = facts[-1].offset
        return facts

    async def passed(self) -> None:
        """Go on behind the last facts, also after a restart."""
        self._place = last = self._last
        await self._desk.run(lambda store: keep_place(store, NAME, last))


def _kept_place(store: DeskStore) -> int:
    kept = place_of(store, NAME)
    return kept - (kept == 0)
