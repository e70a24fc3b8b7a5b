"""What an import did, and what a dry run found that it would do."""

import datetime

import msgspec

from services.ingest.importing.ledger import Accounting


class FactDays(msgspec.Struct, frozen=True):
    """The first and the last business day that facts belong to."""

    first: datetime.date
    last: datetime.date


class ImportSummary(msgspec.Struct, frozen=True):
    """An import that was carried through.

    ``appended`` and ``present`` count facts by type: written now, and found standing there already.
    ``already_finished`` says that this run changed nothing, because an earlier one had done it all.
    """

    import_id: str
    accounting: Accounting
    appended: dict[str, int]
    present: dict[str, int]
    days: FactDays | None
    already_finished: bool = False


class RefusedHere(msgspec.Struct, frozen=True):
    """A dead letter to be, with its place ``file:line``."""

    place: str
    reason: str
    detail: str
    mend: str


class DryRunReport(msgspec.Struct, frozen=True):
    """What an import would do. ``facts`` by type; ``late`` ones lie too far before the open day."""

    import_id: str
    accounting: Accounting
    facts: dict[str, int]
    late: int
    days: FactDays | None
    refusals: tuple[RefusedHere, ...]


class AbandonedImport(msgspec.Struct, frozen=True):
    """An import that was given up; what it had appended stays in the log."""

    import_id: str


class NothingToAbandon(msgspec.Struct, frozen=True):
    """No import has the log."""
