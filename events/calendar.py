"""Instants and business days.

An instant is an ``int``: microseconds since 1970-01-01T00:00Z. A day is an ``int``: days since
1970-01-01 in the business time zone. Ingest stamps the day into each fact, so nothing else ever
asks a time-zone table again.
"""

import datetime
from zoneinfo import ZoneInfo

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
MICROSECOND = datetime.timedelta(microseconds=1)


def date_of(day: int) -> datetime.date:
    """Return the calendar date of a day number.

    >>> date_of(15000)
    datetime.date(2011, 1, 26)
    """
    return datetime.date.fromordinal(day + EPOCH_ORDINAL)


def day_number(date: datetime.date) -> int:
    """Return the day number of a calendar date.

    >>> day_number(datetime.date(2011, 1, 26))
    15000
    """
    return date.toordinal() - EPOCH_ORDINAL


def instant_of(time: datetime.datetime) -> int:
    """Return an aware time as microseconds since the epoch."""
    return (time - EPOCH) // MICROSECOND


def time_of(instant: int) -> datetime.datetime:
    """Return an instant as a UTC time."""
    return EPOCH + datetime.timedelta(microseconds=instant)


class BusinessCalendar:
    """Which business day an instant belongs to."""

    def __init__(self, timezone: str) -> None:
        """Raise ``zoneinfo.ZoneInfoNotFoundError`` where the tz database has no such zone."""
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)

    def day_of(self, instant: int) -> int:
        """Return the day number of an instant."""
        return time_of(instant).astimezone(self._zone).toordinal() - EPOCH_ORDINAL

    def end_of(self, day: int) -> int:
        """Return the last microsecond of a day."""
        midnight = datetime.datetime.combine(date_of(day + 1), datetime.time(), tzinfo=self._zone)
        return instant_of(midnight) - 1
