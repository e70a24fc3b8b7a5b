"""Facts of behaviour that lie too far before the open day: found before anything is written."""

from events.calendar import date_of, day_number
from events.catalogue import REGISTRY
from events.control import ImportStarted
from events.marks import DayOpened
from events.registry import Role
from infra.log.head import LogHead
from infra.log.port import EventLog
from services.ingest.door import LATE_LIMIT_DAYS, Refusal, RefusalReason
from services.ingest.importing.assembly import LinesOfFact, dead_row, event_of
from services.ingest.importing.refusals import TooLateError
from services.ingest.importing.request import ImportJob
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow, SpooledFact

FIRST_PLACES = 3
FACTS_A_WRITE = 1_000


async def baseline(log: EventLog, head: LogHead, import_id: str) -> int | None:
    """Return the open day by which lateness counts: that of the moment when the import began.

    An import that goes on has opened days itself since then, and they make nothing late.
    """
    if head.suspended_by != import_id:
        return head.open_day
    day: int | None = None
    at_start: int | None = None
    for record in await log.control_records():
        event = REGISTRY.decode(record.type, record.data)
        if isinstance(event, DayOpened):
            day = day_number(event.day)
        elif isinstance(event, ImportStarted) and event.import_id == import_id:
            at_start = day
    return at_start


class LateFacts:
    """The facts of a spool that are too late for a log with this open day."""

    def __init__(self, job: ImportJob, spool: Spool, open_day: int | None) -> None:
        self._job = job
        self._spool = spool
        self._open_day = 0 if open_day is None else open_day
        kinds = [kind for kind, rule in enumerate(job.map.facts) if _is_behaviour(rule.type)]
        self._query = (self._open_day - LATE_LIMIT_DAYS, [] if open_day is None else kinds)
        self.count = spool.count_before(*self._query)

    def refuse(self) -> None:
        """Raise `TooLateError` where there are any."""
        if self.count:
            first = self._spool.facts_before(*self._query, FIRST_PLACES)
            places = tuple(self._job.place(fact.sequence) for fact in first)
            earliest, open_day = date_of(first[0].day), date_of(self._open_day)
            raise TooLateError(self.count, earliest.isoformat(), open_day.isoformat(), places)

    def bury(self) -> None:
        """Make dead letters of them."""
        while batch := self._spool.facts_before(*self._query, FACTS_A_WRITE):
            self._spool.set_aside(batch, [self._dead(fact) for fact in batch])

    def _dead(self, fact: SpooledFact) -> DeadRow:
        lateness = self._open_day - fact.day
        refusal = Refusal(
            RefusalReason.TOO_LATE,
            "$.time",
            f"{lateness} days before the open day {date_of(self._open_day)}; "
            f"the limit is {LATE_LIMIT_DAYS}",
            "import history into a new data folder",
        )
        event = event_of(fact, self._job.map.source, self._job.map.facts[fact.kind].type)
        return dead_row(refusal, event, LinesOfFact(fact.kind, fact.sequence, fact.lines))


def _is_behaviour(type_name: str) -> bool:
    return REGISTRY.fact_type(type_name).role is Role.BEHAVIOUR
