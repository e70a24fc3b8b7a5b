"""Making a log where there is none: who it is, what "now" means in it, and its first projection."""

import msgspec

from domain.customer.fold import CustomerFold
from events.control import ClockMode, LogCreated
from infra.clock import Clock, fresh_id
from infra.log.head import LogHead
from infra.log.port import EventLog, head_of
from infra.stream.release import Release, next_projection
from services.ingest.door import Door
from services.ingest.settings import IngestSettings


class NewLog(msgspec.Struct, frozen=True):
    """What a log is made with, where there is none."""

    business_timezone: str
    currency: str
    namespace: str
    clock_mode: ClockMode

    @classmethod
    def from_settings(cls, settings: IngestSettings, clock_mode: ClockMode) -> "NewLog":
        """Return what the settings ask for."""
        return cls(settings.business_timezone, settings.currency, settings.namespace, clock_mode)


async def create(log: EventLog, new_log: NewLog) -> None:
    """Write the log's first record, where it has none."""
    if log.head is None:
        identity = LogCreated(
            fresh_id(), new_log.business_timezone, new_log.currency, new_log.namespace
        )
        await log.create(identity, new_log.clock_mode)


async def completed(log: EventLog, wall: Clock) -> LogHead:
    """Return the head of a log that was created, after finishing that if it was broken off."""
    if head_of(log).projection() is None:
        identity = head_of(log).identity
        door = Door(identity)
        follows_wall = head_of(log).clock_mode is ClockMode.WALL
        today = door.calendar.day_of(wall.now()) if follows_wall else None
        made_by = Release.of(CustomerFold(identity.currency))
        await log.create_projection(next_projection(head_of(log), made_by, today))
        if today is not None:
            await log.advance(today)
    return head_of(log)
