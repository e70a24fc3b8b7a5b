"""What the door's tests are given: a firm in London, a clock that stands, and events of its shop."""

import datetime

import msgspec

from events.calendar import day_number, instant_of
from events.control import ClockMode, LogCreated
from events.envelope import CloudEvent
from infra.log.head import LogHead
from infra.log.memory import MemoryLog
from services.ingest.door import Door
from services.ingest.intake import Intake

LONDON = LogCreated(
    log_id="4d0c2b1e",
    business_timezone="Europe/London",
    currency="GBP",
    namespace="6ba7b811-9dad-11d1-80b4-00c04fd430c8",
)
OPEN_DATE = datetime.date(2026, 3, 14)
OPEN_DAY = day_number(OPEN_DATE)

USAGE = b'{"customer":{"system":"billing","key":"17850"},"service":"mobile-data","quantity":{"value":1.5,"unit":"GB"}}'
REGISTERED = b'{"customer":{"system":"shop","key":"17850"},"kind":"individual","name":"J"}'
ORDER = b'{"customer":{"system":"shop","key":"17850"},"order_id":"536365","total":{"amount":13912,"currency":"GBP"}}'


class StandingClock:
    """Tells the time it was set to."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.instant = at(text)

    def now(self) -> int:
        return self.instant


def at(text: str) -> int:
    """An instant, from RFC 3339."""
    return instant_of(datetime.datetime.fromisoformat(text))


def event(
    type_name: str = "crm.usage.recorded.v1",
    data: bytes = USAGE,
    time: str = "2026-03-14T09:26:53+00:00",
    event_id: str = "u-1",
    source: str = "billing",
) -> CloudEvent:
    return CloudEvent(
        specversion="1.0",
        id=event_id,
        source=source,
        type=type_name,
        time=datetime.datetime.fromisoformat(time),
        data=msgspec.Raw(data),
    )


def head(mode: ClockMode = ClockMode.WALL, open_day: int | None = OPEN_DAY) -> LogHead:
    return LogHead(LONDON, clock_mode=mode, first_day=open_day, open_day=open_day)


async def opened_log(clock: StandingClock, mode: ClockMode = ClockMode.WALL) -> MemoryLog:
    """A log whose open day is `OPEN_DATE`."""
    log = MemoryLog(4, clock)
    await log.create(LONDON, mode)
    await log.advance(OPEN_DAY)
    return log


def intake_of(log: MemoryLog, clock: StandingClock) -> Intake:
    return Intake(log, Door(LONDON), clock)
