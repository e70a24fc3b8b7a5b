"""Says what an import would do, without touching the data folder."""

import contextlib
import itertools
import tempfile
from pathlib import Path

from services.ingest.door import Door
from services.ingest.importing.build import build_spool
from services.ingest.importing.first_pass import Report
from services.ingest.importing.lateness import LateFacts
from services.ingest.importing.request import ImportJob, ImportRequest, import_job
from services.ingest.importing.run import by_type, fact_days
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow
from services.ingest.importing.summary import DryRunReport, RefusedHere

FIRST_REFUSALS = 10


def dry_run(
    door: Door, request: ImportRequest, report: Report, open_day: int | None = None
) -> DryRunReport:
    """Return what importing these files into a log with this open day would come to.

    Raises as `run_import`, but for late facts, which it counts.
    """
    job = import_job(request)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        build_spool(job, door, path, report)
        with contextlib.closing(Spool(path)) as spool:
            return _report(job, spool, open_day)


def _report(job: ImportJob, spool: Spool, open_day: int | None) -> DryRunReport:
    first = itertools.islice(spool.dead(), FIRST_REFUSALS)
    return DryRunReport(
        import_id=job.id,
        accounting=spool.ledger().accounting(),
        facts=by_type(job, spool.counts()),
        late=LateFacts(job, spool, open_day).count,
        days=fact_days(spool),
        refusals=tuple(_refused(job, row) for row in first),
    )


def _refused(job: ImportJob, row: DeadRow) -> RefusedHere:
    return RefusedHere(job.place(row.sequence), row.reason, row.detail, row.mend)
