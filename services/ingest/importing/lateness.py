"""Facts of behaviour that lie too far before the open day: found before anything is written."""

from collections.abc import AsyncIterator
from functools import partial

import msgspec

from events.calendar import date_of
from events.catalogue import REGISTRY
from events.registry import Role
from infra.log.port import Claims
from services.ingest.door import LATE_LIMIT_DAYS, Refusal, RefusalReason
from services.ingest.importing.assembly import LinesOfFact, dead_row, event_of, fact_of
from services.ingest.importing.in_thread import off_loop
from services.ingest.importing.refusals import TooLateError
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow, SpooledFact

FIRST_PLACES = 3
FACTS_A_LOOK = 1_000


class Late(msgspec.Struct, frozen=True):
    """How many facts are too late, and the first of them."""

    count: int
    first: tuple[SpooledFact, ...]


class LateFacts:
    """The facts of a spool that are too late for a log with this open day.

    A fact that stands in the log already is none of them: it came in time. So an import that was
    given up can be repeated, although it has opened days itself.
    """

    def __init__(self, spool: Spool, open_day: int | None, claims: Claims) -> None:
        self._spool = spool
        self._claims = claims
        self._label = spool.label
        self._open_day = 0 if open_day is None else open_day
        kinds = [kind for kind, name in enumerate(self._label.types) if _is_behaviour(name)]
        self._kinds = [] if open_day is None else kinds

    async def look(self) -> Late:
        """Return which there are; changes nothing."""
        count = 0
        first: list[SpooledFact] = []
        async for batch in self._batches():
            count += len(batch)
            first += batch[: FIRST_PLACES - len(first)]
        return Late(count, tuple(first))

    def refusal(self, late: Late) -> TooLateError:
        """Return the error that names them."""
        places = tuple(self._label.place(fact.sequence) for fact in late.first)
        earliest, open_day = date_of(late.first[0].day), date_of(self._open_day)
        return TooLateError(late.count, earliest.isoformat(), open_day.isoformat(), places)

    async def set_aside(self) -> None:
        """Make dead letters of them."""
        async for batch in self._batches():
            await off_loop(partial(self._set_aside, batch))

    async def _batches(self) -> AsyncIterator[list[SpooledFact]]:
        """Yield them in the order of the log; those yielded may be set aside meanwhile."""
        last: SpooledFact | None = None
        before = self._open_day - LATE_LIMIT_DAYS
        while batch := await off_loop(
            partial(self._spool.facts_before, before, self._kinds, last, FACTS_A_LOOK)
        ):
            last = batch[-1]
            claims = [fact_of(fact, self._label).claim() for fact in batch]
            standing = await self._claims.claimed(claims)
            late = [
                fact for fact, claim in zip(batch, claims, strict=True) if claim not in standing
            ]
            if late:
                yield late

    def _set_aside(self, facts: list[SpooledFact]) -> None:
        self._spool.set_aside(facts, [self._dead(fact) for fact in facts])

    def _dead(self, fact: SpooledFact) -> DeadRow:
        lateness = self._open_day - fact.day
        refusal = Refusal(
            RefusalReason.TOO_LATE,
            "$.time",
            f"{lateness} days before the open day {date_of(self._open_day)}; "
            f"the limit is {LATE_LIMIT_DAYS}",
            "import history into a new data folder",
        )
        lines = LinesOfFact(fact.kind, fact.sequence, fact.lines)
        return dead_row(refusal, event_of(fact, self._label), lines)


def _is_behaviour(type_name: str) -> bool:
    return REGISTRY.fact_type(type_name).role is Role.BEHAVIOUR
