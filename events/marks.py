"""Marks: records that stand in every partition of ``crm.facts`` and belong to no customer."""

import datetime
from enum import StrEnum

import msgspec


class Emission(StrEnum):
    """What the outputs of a projection are good for.

    ``SILENT`` ones are not published, ``HISTORY`` open no work, ``LIVE`` do.
    """

    SILENT = "silent"
    HISTORY = "history"
    LIVE = "live"


class DayOpened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A business day began. Stands in ``crm.control`` and, as a mark, in every facts partition."""

    day: datetime.date


class Emitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From here on the outputs of ``projection`` are of this kind. It leaves states alone."""

    projection: str
    emission: Emission
