"""Reading a TIME that a person typed."""

import datetime
from zoneinfo import ZoneInfo

from events.calendar import BusinessCalendar, day_number, instant_of
from infra.mendable import MendableError


class UnreadableTimeError(MendableError, ValueError):
    """The text is no time."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no time: write a day such as 2011-09-01, or a time such as"
            " 2011-09-01T17:30 or 2011-09-01T16:30:00Z"
        )


def read_moment(text: str, calendar: BusinessCalendar) -> int:
    """Return the instant that a text names, in microseconds since the epoch.

    A day alone means its end, in the business time zone; a time without an offset is one of that
    zone's clocks.

    >>> read_moment("2011-09-01", BusinessCalendar("UTC"))
    1314921599999999

    Raises:
        UnreadableTimeError: it is neither a day nor a time.
    """
    try:
        if len(text.strip()) == len("2011-09-01"):
            return calendar.end_of(day_number(datetime.date.fromisoformat(text.strip())))
        time = datetime.datetime.fromisoformat(text.strip())
        return instant_of(time if time.tzinfo else time.replace(tzinfo=ZoneInfo(calendar.timezone)))
    except (ValueError, OverflowError):
        raise UnreadableTimeError(text) from None
