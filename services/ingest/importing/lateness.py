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
from services.ingest.importing.spool import Spool, SpooledFact

FIRST_PLACES = 3


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


def late_facts(job: ImportJob, spool: Spool, open_day: int | None) -> list[SpooledFact]:
    """Return the facts that are too late for a log with this open day."""
    kinds = [kind for kind, rule in enumerate(job.map.facts) if _is_behaviour(rule.type)]
    if open_day is None or not kinds:
        return []
    return spool.facts_before(open_day - LATE_LIMIT_DAYS, kinds)


def refuse_late(job: ImportJob, late: list[SpooledFact], open_day: int) -> None:
    """Raise `TooLateError` where there are late facts."""
    if late:
        places = tuple(job.place(fact.sequence) for fact in late[:FIRST_PLACES])
        days = date_of(late[0].day).isoformat(), date_of(open_day).isoformat()
        raise TooLateError(len(late), *days, places)


def bury_late(job: ImportJob, spool: Spool, late: list[SpooledFact], open_day: int) -> None:
    """Make dead letters of late facts."""
    dead = []
    for fact in late:
        detail = f"{open_day - fact.day} days before the open day {date_of(open_day)}"
        refusal = Refusal(
            RefusalReason.TOO_LATE,
            "$.time",
            f"{detail}; the limit is {LATE_LIMIT_DAYS}",
            "import history into a new data folder",
        )
        event = event_of(fact, job.map.source, job.map.facts[fact.kind].type)
        dead.append(dead_row(refusal, event, LinesOfFact(fact.kind, fact.sequence, fact.lines)))
    spool.set_aside(late, dead)


def _is_behaviour(type_name: str) -> bool:
    return REGISTRY.fact_type(type_name).role is Role.BEHAVIOUR
