"""Marks: records that stand in every partition of ``crm.facts`` and belong to no customer."""

import datetime
from enum import StrEnum

import msgspec

from events.values import ServiceCode


class Emission(StrEnum):
    """What the outputs of a projection are good for.

    ``SILENT`` ones are not published, ``HISTORY`` open no work, ``LIVE`` do.
    """

    SILENT = "silent"
    HISTORY = "history"
    LIVE = "live"


class FeedVerdict(StrEnum):
    """What is known of a scheduled feed on the day that closes."""

    ARRIVED = "arrived"
    LATE = "late"
    UNJUDGED = "unjudged"  # the schedule is younger than that day, or it was closed before


class FeedDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day of a service's scheduled feed closes: records of it that come later are late."""

    service: ServiceCode
    day: datetime.date
    verdict: FeedVerdict


class DayOpened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A business day began. Stands in ``crm.control`` and, as a mark, in every facts partition.

    ``feeds`` has at least one entry for each service with a scheduled feed, by service and day.
    """

    day: datetime.date
    feeds: tuple[FeedDay, ...] = ()


class Emitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From here on the outputs of ``projection`` are of this kind. It leaves states alone."""

    projection: str
    emission: Emission
