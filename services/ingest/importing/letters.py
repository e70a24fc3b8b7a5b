"""Dead letters of an import: buried in the log with their place."""

import itertools
from collections import Counter

from events import codec
from infra.log.port import EventLog
from infra.log.records import DeadLetter
from services.ingest.importing.request import ImportJob
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow

LETTERS_A_BATCH = 500


async def bury_all(log: EventLog, job: ImportJob, spool: Spool) -> Counter[str]:
    """Bury everything that became no fact; return how many letters there are by reason."""
    reasons = Counter[str]()
    rows = spool.dead()
    while batch := list(itertools.islice(rows, LETTERS_A_BATCH)):
        reasons.update(row.reason for row in batch)
        await log.bury([_letter(job, row) for row in batch])
    return reasons


def _letter(job: ImportJob, row: DeadRow) -> DeadLetter:
    place = job.place(row.sequence)
    name, _, line = place.rpartition(":")
    # The place is in the id, since equal lines at two places are two letters.
    where = f"{name.rpartition('/')[2]}:{line}:{row.kind}"
    return DeadLetter(
        id=codec.digest(job.map.source.encode(), where.encode(), row.body).hex(),
        source=job.map.source,
        reason=row.reason,
        detail=row.detail,
        place=place,
        mend=row.mend,
        received=job.request.wall_now,
        body=row.body,
    )
