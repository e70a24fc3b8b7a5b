"""Runs an import: spool, look at the dates, append, account for every line."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec

from infra.log.port import NO_TALLIES, EventLog, Tallies
from services.ingest.door import Door
from services.ingest.importing.account import summary_of, tallies_of
from services.ingest.importing.build import (
    ReadAhead,
    build_spool,
    ensure_spool,
    is_usable,
    spool_path,
)
from services.ingest.importing.first_pass import Progress, Report
from services.ingest.importing.in_thread import off_loop, run_in_thread
from services.ingest.importing.letters import bury_all
from services.ingest.importing.refusals import LongHistoryError, SpoolError, TooLateError
from services.ingest.importing.request import ImportJob, ImportRequest, import_job
from services.ingest.importing.second_pass import SecondPass
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_file import as_spool_error, remove_spool
from services.ingest.importing.summary import AbandonedImport, ImportSummary, NothingToAbandon
from services.ingest.importing.taking import Taken, free_head, take_log


async def run_import(
    log: EventLog,
    door: Door,
    request: ImportRequest,
    report: Report,
    ahead: ReadAhead | None = None,
) -> ImportSummary:
    """Import files into a log, or take up an import where it was broken off.

    ``report`` is called with every step; while files are read, from another thread. ``ahead`` is
    the spool of this request where it was built before its log was made.

    Raises:
        InputError: a file cannot be read to its end, or two are the same. Nothing was written.
        TooLateError: facts would be too late. Nothing was written.
        LongHistoryError: the facts reach over more than 20 years. Nothing was written.
        SpoolError: the spool fails, or does not fit what the log holds.
        ImportRefusedError: another import has the log, or the map means another log.
        LogUnavailableError: the log could not write; the import can be taken up again.
    """
    job = await asyncio.to_thread(import_job, request) if ahead is None else ahead.job
    if job.id in free_head(log, job.id).finished_imports:
        return await run_in_thread(partial(_finished_summary, job, door), report)
    path = await run_in_thread(partial(ensure_spool, job, door, ahead=ahead), report)
    try:
        async with _opened(path) as spool:
            summary = await _carry_through(log, request, spool, report)
    except (TooLateError, LongHistoryError):
        await off_loop(partial(remove_spool, path))
        raise
    await off_loop(lambda: _keep(job, summary))
    await off_loop(partial(remove_spool, path))
    return summary


async def abandon_import(log: EventLog, spool_dir: Path) -> AbandonedImport | NothingToAbandon:
    """Give up the import that has the log. What it has appended stays, and is accounted for.

    Raises `LogUnavailableError` where the log could not write; the import then still has it.
    """
    hold = None if log.head is None else log.head.hold
    if hold is None:
        return NothingToAbandon()
    path = spool_path(spool_dir, hold.import_id)
    done = await log.begin_import(hold.import_id, hold.facts)
    tallies = await _account_of_abandoned(log, path, done)
    await log.end_import(hold.import_id, finished=False, tallies=tallies)
    await off_loop(partial(remove_spool, path))
    return AbandonedImport(hold.import_id)


async def _account_of_abandoned(log: EventLog, path: Path, done: int) -> Tallies:
    """Bury the dead letters of a spool, and count what came of the facts that are done.

    Where the spool is lost there is nothing to account by, which must not keep the log shut.
    """
    if not await off_loop(partial(is_usable, path)):
        return NO_TALLIES
    try:
        async with _opened(path) as spool:
            # Appends nothing: what is done and not on record yet is found standing, and recorded.
            await SecondPass(log, spool).run(Taken(done, done), _unheard)
            letters = await bury_all(log, spool)
            return await off_loop(lambda: tallies_of(spool, letters))
    except SpoolError:
        return NO_TALLIES


async def _carry_through(
    log: EventLog, request: ImportRequest, spool: Spool, report: Report
) -> ImportSummary:
    taken = await take_log(log, request, spool)
    await SecondPass(log, spool).run(taken, report)
    letters = await bury_all(log, spool)
    summary = await off_loop(lambda: summary_of(spool))
    tallies = await off_loop(lambda: tallies_of(spool, letters))
    await log.end_import(summary.import_id, finished=True, tallies=tallies)
    return summary


@contextlib.asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[Spool]:
    spool = await off_loop(lambda: Spool(path))
    try:
        await off_loop(spool.use)
        yield spool
    finally:
        await off_loop(spool.close)


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
    if is_usable(left):
        with contextlib.closing(Spool(left)) as spool:
            summary = summary_of(spool)
        _keep(job, summary)
        return summary
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        build_spool(job, door, path, report)
        with contextlib.closing(Spool(path)) as spool:
            present = spool.label.by_type(spool.counts())
            return msgspec.structs.replace(summary_of(spool), present=present)


def _unheard(_: Progress) -> None:
    """A report that nobody listens to."""
