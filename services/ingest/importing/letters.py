"""Dead letters of an import: buried in the log with their place."""

import itertools
from collections import Counter
from collections.abc import Iterator

from events import codec
from infra.log.port import EventLog
from infra.log.records import DeadLetter
from services.ingest.importing.in_thread import off_loop
from services.ingest.importing.label import ImportLabel
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow

LETTERS_A_BATCH = 500


async def bury_all(log: EventLog, spool: Spool) -> Counter[str]:
    """Bury everything that became no fact; return how many letters there are by reason."""
    reasons = Counter[str]()
    letters = _letters(spool)
    while batch := await off_loop(lambda: list(itertools.islice(letters, LETTERS_A_BATCH))):
        reasons.update(letter.reason for letter in batch)
        await log.bury(batch)
    return reasons


def _letters(spool: Spool) -> Iterator[DeadLetter]:
    label = spool.label
    for row in spool.dead():
        yield _letter(label, row)


def _letter(label: ImportLabel, row: DeadRow) -> DeadLetter:
    place = label.place(row.sequence)
    name, _, line = place.rpartition(":")
    # The place is in the id, since equal lines at two places are two letters.
    where = f"{name.rpartition('/')[2]}:{line}:{row.kind}"
    return DeadLetter(
        id=codec.digest(label.source.encode(), where.encode(), row.body).hex(),
        source=label.source,
        reason=row.reason,
        detail=row.detail,
        place=place,
        mend=row.mend,
        received=label.received,
        body=row.body,
    )
