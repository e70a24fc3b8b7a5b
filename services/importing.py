"""`holdfast import`: in the `serve` that holds the folder, or in an engine of its own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from events.control import ClockMode, LogCreated
from infra.archive.sqlite import SqliteArchive
from infra.clock import Clock
from infra.folder import DataFolder
from infra.log.head import LogHead
from services.embedded import Engine, NewLog, open_engine
from services.ingest.door import Door
from services.ingest.import_desk import ImportOrder, Running
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.first_pass import Progress
from services.ingest.importing.map_file import MapFile, load_map
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.run import abandon_import, run_import
from services.ingest.importing.summary import AbandonedImport, DryRunReport, ImportSummary
from services.ingest.settings import IngestSettings
from services.remote import Remote, serving_process

FOLDING = "folding"


class Step(msgspec.Struct, frozen=True):
    """How far a stage of the import has come."""

    stage: str
    done: int
    total: int


Report = Callable[[Step], None]


class ImportCommand(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    folder: DataFolder
    files: tuple[Path, ...]
    map: Path
    dead_letter_late: bool


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
    parsed = load_map(command.map)
    head = asyncio.run(_existing_head(command.folder))
    if head is None:
        new_log = _new_log(parsed, settings)
        identity = LogCreated("", new_log.business_timezone, new_log.currency, new_log.namespace)
    else:
        identity = head.identity
    open_day = None if head is None else head.open_day
    return dry_run(Door(identity), _request(command, parsed, wall), _adapted(report), open_day)


def abandon_command(
    folder: DataFolder, settings: IngestSettings, wall: Clock
) -> AbandonedImport | None:
    """Give up the import that was broken off; None where there was none."""
    with serving_process(folder) as remote:
        if remote is not None:
            return remote.abandon_import()

    async def abandon() -> AbandonedImport | None:
        async with open_engine(
            folder, NewLog.from_settings(settings, ClockMode.LOG), wall
        ) as engine:
            given_up = await abandon_import(engine.log, folder.spools)
            await engine.profiles.catch_up()
            return given_up if isinstance(given_up, AbandonedImport) else None

    return asyncio.run(abandon())


def _in_serve(remote: Remote, command: ImportCommand, report: Report) -> ImportSummary:
    order = ImportOrder(
        tuple(str(file.absolute()) for file in command.files),
        str(command.map.absolute()),
        command.dead_letter_late,
    )

    def tell(running: Running) -> None:
        report(Step(running.stage.value, running.done, running.total))

    return remote.run_import(order, tell)


async def _in_engine(
    command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> ImportSummary:
    parsed = load_map(command.map)
    async with open_engine(command.folder, _new_log(parsed, settings), wall) as engine:
        following = asyncio.create_task(engine.profiles.driver.run())
        try:
            request = _request(command, parsed, wall)
            summary = await run_import(engine.log, engine.door, request, _adapted(report))
        finally:
            engine.profiles.driver.stop()
            await following
        await _fold_the_rest(engine, report)
        return summary


async def _fold_the_rest(engine: Engine, report: Report) -> None:
    """Let the profiles catch up with the log, so that what is asked next is up to date."""
    end = await engine.log.end_offset(0) + 1
    await engine.profiles.catch_up(lambda offset: report(Step(FOLDING, offset + 1, end)))


def _request(command: ImportCommand, parsed: MapFile, wall: Clock) -> ImportRequest:
    return ImportRequest(
        command.files, parsed, command.folder.spools, wall.now(), command.dead_letter_late
    )


def _new_log(parsed: MapFile, settings: IngestSettings) -> NewLog:
    """Return how to make a log where there is none: as the map says, else as the settings do."""
    asked = NewLog.from_settings(settings, ClockMode.LOG)
    if parsed.log is None:
        return asked
    return msgspec.structs.replace(
        asked, business_timezone=parsed.log.timezone, currency=parsed.log.currency
    )


def _adapted(report: Report) -> Callable[[Progress], None]:
    return lambda progress: report(Step(progress.stage.value, progress.done, progress.total))


async def _existing_head(folder: DataFolder) -> LogHead | None:
    if not folder.log.exists():
        return None
    archive = SqliteArchive(folder.log)
    try:
        return await archive.head()
    finally:
        await archive.close()
