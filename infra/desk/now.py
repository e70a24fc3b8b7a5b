"""Now, as the log has it: the wall's, or the end of the last opened day."""

from domain.retention.commands import Moment
from events.calendar import BusinessCalendar, date_of, time_of
from events.control import ClockMode
from infra.log.head import LogHead


def moment_of(head: LogHead, wall: int) -> Moment:
    """Return now with its business day; ``wall`` in microseconds since the epoch.

    A log whose clock stands is at the end of its last opened day; one without a day, at the wall's.
    """
    calendar = BusinessCalendar(head.identity.business_timezone)
    if head.clock_mode is ClockMode.LOG and head.open_day is not None:
        return Moment(time_of(calendar.end_of(head.open_day)), date_of(head.open_day))
    day = calendar.day_of(wall) if head.open_day is None else head.open_day
    return Moment(time_of(wall), date_of(day))
