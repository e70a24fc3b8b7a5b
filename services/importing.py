"""`holdfast import`: in the `serve` that holds the folder, or in an engine of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from events.control import ClockMode, LogCreated
from infra.archive.sqlite import SqliteArchive
from infra.clock import Clock
from infra.folder import DataFolder, FolderLock
from infra.log.head import LogHead
from services.embedded import Engine, open_engine
from services.ingest.door import Door
from services.ingest.import_desk import ImportOrder, Running
from services.ingest.importing.build import ReadAhead, read_ahead
from services.ingest.importing.claims import NoClaims
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.first_pass import Progress, Stage
from services.ingest.importing.in_thread import run_in_thread
from services.ingest.importing.map_file import MapFile, load_map
from services.ingest.importing.request import ImportRequest, import_job
from services.ingest.importing.run import abandon_import, run_import
from services.ingest.importing.summary import AbandonedImport, DryRunReport, ImportSummary
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.ops.reading import open_reading
from services.remote import Remote, serving_process
from services.steps import Report, Step

FOLDING = "folding"
SECONDS_BETWEEN_LOOKS = 0.2


class ImportCommand(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    folder: DataFolder
    files: tuple[Path, ...]
    map: Path
    dead_letter_late: bool = False
    long_history: bool = False


def run_command(
    command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> ImportSummary:
    """Import, and fold all that was imported. Raises what `run_import` and `open_engine` raise."""
    with serving_process(command.folder) as remote:
        if remote is not None:
            return _in_serve(remote, command, report)
    return asyncio.run(_in_engine(command, settings, wall, report))


def plan_command(
    command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> DryRunReport:
    """Return what the import would do; nothing is written into the data folder."""
    return asyncio.run(_plan(command, settings, wall, report))


def abandon_command(
    folder: DataFolder, settings: IngestSettings, wall: Clock
) -> AbandonedImport | None:
    """Give up the import that was broken off; None where there was none.

    Raises `StoreError` where there is no log.
    """
    with serving_process(folder) as remote:
        if remote is not None:
            return remote.abandon_import()

    head = asyncio.run(_head_in(folder))
    if head is None or head.hold is None:
        return None
    return asyncio.run(_abandon(folder, settings, wall))


def _in_serve(remote: Remote, command: ImportCommand, report: Report) -> ImportSummary:
    order = ImportOrder(
        tuple(str(file.absolute()) for file in command.files),
        str(command.map.absolute()),
        command.dead_letter_late,
        command.long_history,
    )
    last = Running(Stage.READING, 0, 0)

    def tell(running: Running) -> None:
        nonlocal last
        last = running
        report(Step(running.stage.value, running.done, running.total))

    summary = remote.run_import(order, tell)
    report(Step(last.stage.value, last.total, last.total))  # it ended between two questions
    asyncio.run(_wait_until_folded(command.folder, report))
    return summary


async def _wait_until_folded(folder: DataFolder, report: Report) -> None:
    """Wait for the serving process to fold what it imported; not where it stands still or is gone."""
    while (holder := folder.holder()) is not None and holder.halted is None:
        async with open_reading(folder) as reading:
            end = reading.records
            folded = end - reading.records_behind
        report(Step(FOLDING, folded, end))
        if folded >= end:
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _in_engine(
    command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> ImportSummary:
    parsed = await asyncio.to_thread(load_map, command.map)
    request, new_log = request_of(command, parsed, wall), new_log_of(parsed, settings)
    stands = command.folder.log.exists() and await _head_in(command.folder) is not None
    ahead = None if stands else await read_files_ahead(command.folder, request, new_log, report)
    async with open_engine(command.folder, new_log, wall) as engine:
        following = asyncio.create_task(engine.profiles.driver.run())
        try:
            heard = adapted(report)
            summary = await run_import(engine.log, engine.door, request, heard, ahead)
        finally:
            engine.profiles.driver.stop()
            await following
        await _fold_the_rest(engine, report)
        return summary


async def read_files_ahead(
    folder: DataFolder, request: ImportRequest, new_log: NewLog, report: Report
) -> ReadAhead:
    """Read the files before the log is made, so that an import that is refused makes none."""
    job = await asyncio.to_thread(import_job, request)
    door = Door(identity_of(new_log))
    with FolderLock(folder):
        return await run_in_thread(partial(read_ahead, job, door), adapted(report))


async def _plan(
    command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> DryRunReport:
    parsed = await asyncio.to_thread(load_map, command.map)
    request, heard = request_of(command, parsed, wall), adapted(report)
    new_door = Door(identity_of(new_log_of(parsed, settings)))
    if not command.folder.log.exists():
        return await dry_run(new_door, request, heard, None, NoClaims())
    async with _archive_of(command.folder) as archive:
        head = await archive.head()
        if head is None:
            return await dry_run(new_door, request, heard, None, NoClaims())
        return await dry_run(Door(head.identity), request, heard, head.open_day, archive)


async def _abandon(
    folder: DataFolder, settings: IngestSettings, wall: Clock
) -> AbandonedImport | None:
    new_log = NewLog.from_settings(settings, ClockMode.LOG)
    async with open_engine(folder, new_log, wall) as engine:
        given_up = await abandon_import(engine.log, folder.spools)
        await engine.catch_up()
        return given_up if isinstance(given_up, AbandonedImport) else None


async def _fold_the_rest(engine: Engine, report: Report) -> None:
    """Let the profiles catch up with the log, so that what is asked next is up to date."""
    end = await engine.log.end_offset(0) + 1
    await engine.catch_up(lambda offset: report(Step(FOLDING, offset + 1, end)))
    report(Step(FOLDING, end, end))


def request_of(command: ImportCommand, parsed: MapFile, wall: Clock) -> ImportRequest:
    """Return what is asked of ingest."""
    return ImportRequest(
        command.files,
        parsed,
        command.folder.spools,
        wall.now(),
        command.dead_letter_late,
        command.long_history,
    )


def new_log_of(parsed: MapFile, settings: IngestSettings) -> NewLog:
    """Return how to make a log where there is none: as the map says, else as the settings do."""
    asked = NewLog.from_settings(settings, ClockMode.LOG)
    if parsed.log is None:
        return asked
    return msgspec.structs.replace(
        asked, business_timezone=parsed.log.timezone, currency=parsed.log.currency
    )


def adapted(report: Report) -> Callable[[Progress], None]:
    """Return what hears of an import's progress and passes it on."""
    return lambda progress: report(Step(progress.stage.value, progress.done, progress.total))


def identity_of(new_log: NewLog) -> LogCreated:
    """Return who a log will be that is made so. Its id, which no fact depends on, is open yet."""
    return LogCreated("", new_log.business_timezone, new_log.currency, new_log.namespace)


async def _head_in(folder: DataFolder) -> LogHead | None:
    """Return where a log stands; None for one that was never created.

    Raises `StoreError` where there is no file.
    """
    async with _archive_of(folder) as archive:
        return await archive.head()


@asynccontextmanager
async def _archive_of(folder: DataFolder) -> AsyncIterator[SqliteArchive]:
    archive = SqliteArchive(folder.log)
    try:
        yield archive
    finally:
        await archive.close()
