"""Says what an import would do, without touching the data folder."""

import contextlib
import itertools
import tempfile
from functools import partial
from pathlib import Path

from infra.log.port import Claims
from services.ingest.door import Door
from services.ingest.importing.account import fact_days
from services.ingest.importing.build import build_spool
from services.ingest.importing.first_pass import Report
from services.ingest.importing.history import refuse_long_history
from services.ingest.importing.in_thread import off_loop, run_in_thread
from services.ingest.importing.lateness import LateFacts
from services.ingest.importing.request import ImportJob, ImportRequest, import_job
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow
from services.ingest.importing.summary import DryRunReport, RefusedHere

FIRST_REFUSALS = 10


async def dry_run(
    door: Door, request: ImportRequest, report: Report, open_day: int | None, claims: Claims
) -> DryRunReport:
    """Return what importing these files into a log with this open day would come to.

    Raises as `run_import`, but for late facts, which it counts.
    """
    job = await off_loop(partial(import_job, request))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        await run_in_thread(partial(_build, job, door, path), report)
        with contextlib.closing(Spool(path)) as spool:
            late = await LateFacts(spool, open_day, claims).look()
            return _report(spool, late.count)


def _build(job: ImportJob, door: Door, path: Path, report: Report) -> None:
    build_spool(job, door, path, report)
    if not job.request.long_history:
        with contextlib.closing(Spool(path)) as spool:
            refuse_long_history(spool)


def _report(spool: Spool, late: int) -> DryRunReport:
    label = spool.label
    first = itertools.islice(spool.dead(), FIRST_REFUSALS)
    return DryRunReport(
        import_id=label.import_id,
        accounting=spool.ledger().accounting(),
        facts=label.by_type(spool.counts()),
        late=late,
        days=fact_days(spool),
        refusals=tuple(_refused(label.place(row.sequence), row) for row in first),
    )


def _refused(place: str, row: DeadRow) -> RefusedHere:
    return RefusedHere(place, row.reason, row.detail, row.mend)
