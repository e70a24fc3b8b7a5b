"""What a map says about the log, held against the log that there is."""

from events.control import LogCreated
from infra.log.port import EventLog
from services.ingest.importing.map_model import MapFile
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.schedules import ScheduleRefusedError, declare, schedule_of


async def declare_feeds(log: EventLog, parsed: MapFile) -> None:
    """Declare what a map says that sources send every day, before the first fact of it.

    Raises `ImportRefusedError` where another source sends one of the services.
    """
    if parsed.log is None:
        return
    for source, feed in parsed.log.sources.items():
        try:
            await declare(log, schedule_of(source, feed.services, feed.delay))
        except ScheduleRefusedError as error:
            raise ImportRefusedError(f"the map's log.sources: {error}") from error


def check_log_settings(parsed: MapFile, identity: LogCreated) -> None:
    """Raise `ImportRefusedError` where a map means a log of another currency or time zone."""
    if parsed.log is None:
        return
    if parsed.log.currency != identity.currency:
        raise ImportRefusedError(
            f"the map says log.currency {parsed.log.currency}, but this log keeps "
            f"{identity.currency}; convert the amounts, or import into another data folder"
        )
    if parsed.log.timezone != identity.business_timezone:
        raise ImportRefusedError(
            f"the map says log.timezone {parsed.log.timezone}, but the days of this log are those "
            f"of {identity.business_timezone}, for good; write that into the map if its facts may "
            "be counted by those days, or import into another data folder"
        )
