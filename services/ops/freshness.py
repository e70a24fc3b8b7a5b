"""How fresh what is shown is: where the log stands, and how far behind it the projection is."""

import datetime

import msgspec

from events.calendar import date_of
from services.ops.reading import Reading


class NothingFolded(msgspec.Struct, frozen=True, tag="nothing-folded"):
    """The log has no projection here yet, or no day was opened: nothing is known of anybody."""

    records: int


class Freshness(msgspec.Struct, frozen=True):
    """As of which day something is shown, and what it does not know yet.

    ``as_of`` is the last day that the projection opened, ``open_day`` the log's own; ``records_behind``
    counts the records of the log that the projection has not folded.
    """

    as_of: datetime.date
    open_day: datetime.date
    records_behind: int
    projection: str
    fingerprint: str


def freshness(reading: Reading) -> Freshness | NothingFolded:
    """Return how fresh the stored states are."""
    projection, open_day = reading.projection, reading.head.open_day
    if projection is None or projection.identity is None or open_day is None:
        return NothingFolded(reading.end_offset + 1)
    if projection.position.open_day is None:
        return NothingFolded(reading.end_offset + 1)
    return Freshness(
        as_of=date_of(projection.position.open_day),
        open_day=date_of(open_day),
        records_behind=max(0, reading.end_offset - projection.position.offset),
        projection=projection.identity.projection,
        fingerprint=projection.identity.fingerprint,
    )
