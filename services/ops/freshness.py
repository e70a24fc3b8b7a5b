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

    ``as_of`` is the last day that the projection opened in all partitions, ``open_day`` the log's own; ``records_behind``
    counts the records of the log that the projection has not folded.
    """

    as_of: datetime.date
    open_day: datetime.date
    records_behind: int
    projection: str
    fingerprint: str


def freshness(reading: Reading) -> Freshness | NothingFolded:
    """Return how fresh the stored states are."""
    identity, open_day = reading.identity, reading.head.open_day
    folded = [position.open_day for position in reading.positions]
    opened = [day for day in folded if day is not None]
    if identity is None or open_day is None or len(opened) < len(folded):
        return NothingFolded(reading.records)
    return Freshness(
        as_of=date_of(min(opened)),
        open_day=date_of(open_day),
        records_behind=reading.records_behind,
        projection=identity.projection,
        fingerprint=identity.fingerprint,
    )
