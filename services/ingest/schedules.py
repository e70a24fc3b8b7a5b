"""Declaring what a source sends every day, so that its missing is told from nothing used."""

from collections.abc import Sequence

import msgspec

from events.control import SourceScheduled
from infra.log.feeds import ServiceTakenError
from infra.log.port import EventLog
from infra.mendable import MendableError

DELAY_DAYS = range(8)
_MENDS = {
    "source": "a source has a name of 1 to 128 characters without control characters",
    "services": "a service has a code of 1 to 24 of the characters a-z, 0-9, '.', '_' and '-', and"
    " begins with a letter or digit",
    "delay_days": "a day's feed may be 0 to 7 days late",
}


class ScheduleRefusedError(MendableError):
    """A schedule cannot be declared so; the message says why and what can be."""


def schedule_of(source: str, services: Sequence[str], delay_days: int) -> SourceScheduled:
    """Return the schedule, its services in order and each once.

    Raises `ScheduleRefusedError` for a bad name, code or delay.
    """
    said = {
        "source": source,
        "services": sorted(set(services)),
        "delay_days": delay_days,
    }
    try:
        return msgspec.convert(said, SourceScheduled)
    except msgspec.ValidationError as error:
        field = next(name for name in _MENDS if f"$.{name}" in str(error))
        wrong = ", ".join(services) if field == "services" else said[field]
        raise ScheduleRefusedError(f"{wrong!r}: {_MENDS[field]}") from error


async def declare(log: EventLog, scheduled: SourceScheduled) -> None:
    """Keep a schedule in the log.

    Raises:
        ScheduleRefusedError: a service is another source's, or the source has nothing to take back.
        ImportUnderWayError: an import has the log.
    """
    known = set() if log.head is None else {feed.source for feed in log.head.feeds.values()}
    if not scheduled.services and scheduled.source not in known:
        raise ScheduleRefusedError(f"source {scheduled.source} has no schedule to take back")
    try:
        await log.schedule(scheduled)
    except ServiceTakenError as error:
        raise ScheduleRefusedError(str(error)) from error
