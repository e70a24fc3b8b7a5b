"""Runs an import: spool, look at the dates, append, account for every line."""

import asyncio
import contextlib
import tempfile
from functools import partial
from pathlib import Path

import msgspec

from events.calendar import date_of
from infra.log.head import LogHead
from infra.log.port import EventLog
from services.ingest.door import Door
from services.ingest.importing.build import build_spool, ensure_spool, spool_path
from services.ingest.importing.first_pass import Report
from services.ingest.importing.in_thread import run_in_thread
from services.ingest.importing.lateness import LateFacts, baseline
from services.ingest.importing.letters import bury_all
from services.ingest.importing.refusals import ImportRefusedError, SpoolError, TooLateError
from services.ingest.importing.request import ImportJob, ImportRequest, import_job
from services.ingest.importing.second_pass import SecondPass
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_file import as_spool_error, remove_spool
from services.ingest.importing.summary import (
    AbandonedImport,
    FactDays,
    ImportSummary,
    NothingToAbandon,
)
from services.ingest.tallies import ACCEPTED, DUPLICATE


async def run_import(
    log: EventLog, door: Door, request: ImportRequest, report: Report
) -> ImportSummary:
    """Import files into a log, or take up an import where it was broken off.

    ``report`` is called with every step; while files are read, from another thread.

    Raises:
        InputError: a file cannot be read to its end, or two are the same. Nothing was written.
        TooLateError: facts would be too late. Nothing was written.
        SpoolError: the spool fails, or does not fit what the log holds.
        ImportRefusedError: another import has the log, or the currencies differ.
        LogUnavailableError: the log could not write; the import can be taken up again.
    """
    job = await asyncio.to_thread(import_job, request)
    if await log.import_finished(job.id):
        return await run_in_thread(partial(_finished_summary, job, door), report)
    head = _free_head(log, job.id)
    path = await run_in_thread(partial(ensure_spool, job, door), report)
    try:
        with contextlib.closing(Spool(path)) as spool:
            spool.use()
            await _settle_late(log, head, job, spool)
            summary = await _carry_through(log, job, spool, report)
    except TooLateError:
        remove_spool(path)
        raise
    _keep(job, summary)
    remove_spool(path)
    return summary


async def abandon_import(log: EventLog, spool_dir: Path) -> AbandonedImport | NothingToAbandon:
    """Give up the import that has the log. What it has appended stays."""
    import_id = None if log.head is None else log.head.suspended_by
    if import_id is None:
        return NothingToAbandon()
    await log.end_import(import_id, finished=False)
    remove_spool(spool_path(spool_dir, import_id))
    return AbandonedImport(import_id)


def fact_days(spool: Spool) -> FactDays | None:
    """Return between which days the spool's facts lie."""
    days = spool.days()
    return None if days is None else FactDays(date_of(days[0]), date_of(days[1]))


def by_type(job: ImportJob, numbers: dict[int, int]) -> dict[str, int]:
    """Return numbers by fact type, of which several rules may make the same."""
    totals: dict[str, int] = {}
    for kind, number in numbers.items():
        name = job.map.facts[kind].type
        totals[name] = totals.get(name, 0) + number
    return {name: number for name, number in totals.items() if number}


async def _settle_late(log: EventLog, head: LogHead, job: ImportJob, spool: Spool) -> None:
    late = LateFacts(job, spool, await baseline(log, head, job.id))
    # An import that goes on has been told already what to do with late facts.
    if not job.request.dead_letter_late and head.suspended_by != job.id:
        late.refuse()
    late.bury()


async def _carry_through(
    log: EventLog, job: ImportJob, spool: Spool, report: Report
) -> ImportSummary:
    total = sum(spool.counts().values())
    done = await log.begin_import(job.id, total)
    if done > total:
        raise SpoolError(
            f"the log has {done} facts of this import, but its files now give {total}; "
            "abandon the import and begin it anew"
        )
    await SecondPass(log, job, spool).run(done, total, report)
    letters = await bury_all(log, job, spool)
    summary = _summary(job, spool)
    source = job.map.source
    numbers = {ACCEPTED: summary.appended, DUPLICATE: summary.present}
    tallies = {(source, what): sum(counts.values()) for what, counts in numbers.items()}
    tallies |= {(source, reason): number for reason, number in letters.items()}
    told = {what: number for what, number in tallies.items() if number}
    await log.end_import(job.id, finished=True, tallies=told)
    return summary


def _summary(job: ImportJob, spool: Spool) -> ImportSummary:
    outcomes = spool.outcomes()
    return ImportSummary(
        import_id=job.id,
        accounting=spool.ledger().accounting(),
        appended=by_type(job, {kind: appended for kind, (appended, _) in outcomes.items()}),
        present=by_type(job, {kind: present for kind, (_, present) in outcomes.items()}),
        days=fact_days(spool),
    )


def _free_head(log: EventLog, import_id: str) -> LogHead:
    head = log.head
    if head is None:
        raise LookupError("this log was never created")
    if head.suspended_by not in {None, import_id}:
        raise ImportRefusedError(
            f"import {head.suspended_by} is not finished; repeat it with the same files and the "
            "same map to finish it, or abandon it"
        )
    return head


def _summary_path(job: ImportJob) -> Path:
    return job.request.spool_dir / f"{job.id}.summary.json"


def _keep(job: ImportJob, summary: ImportSummary) -> None:
    path = _summary_path(job)
    with as_spool_error(path):
        path.write_bytes(msgspec.json.encode(summary))


def _finished_summary(job: ImportJob, door: Door, report: Report) -> ImportSummary:
    """Return what an earlier run did: as it was kept, or as its spool or its files tell."""
    try:
        kept = msgspec.json.decode(_summary_path(job).read_bytes(), type=ImportSummary)
    except (FileNotFoundError, msgspec.MsgspecError):
        kept = _summary_anew(job, door, report)
    remove_spool(spool_path(job.request.spool_dir, job.id))
    return msgspec.structs.replace(kept, already_finished=True)


def _summary_anew(job: ImportJob, door: Door, report: Report) -> ImportSummary:
    left = spool_path(job.request.spool_dir, job.id)
    if left.exists():
        with contextlib.closing(Spool(left)) as spool:
            summary = _summary(job, spool)
        _keep(job, summary)
        return summary
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        build_spool(job, door, path, report)
        with contextlib.closing(Spool(path)) as spool:
            summary = _summary(job, spool)
            return msgspec.structs.replace(summary, present=by_type(job, spool.counts()))
