"""`holdfast import`: files into facts."""

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from infra.clock import SystemClock
from infra.folder import DataFolder
from infra.kafka.settings import KafkaSettings
from services.commands.import_words import dry_run_words, summary_words
from services.commands.progress import stage_bars
from services.commands.servers import kafka_servers
from services.commands.terminal import JsonOption, terminal_of
from services.distributed import importing as distributed
from services.distributed.servers import Servers
from services.importing import (
    ImportCommand,
    abandon_command,
    plan_command,
    run_command,
)
from services.ingest.importing.summary import AbandonedImport, DryRunReport, ImportSummary
from services.ingest.settings import IngestSettings
from services.mode import FolderOption, Mode, ModeOption, needed_folder
from services.steps import Report

app = typer.Typer()


@app.command("import")
def import_files(
    context: typer.Context,
    data: FolderOption = None,
    files: Annotated[list[Path] | None, typer.Argument(help="CSV files, plain or gz.")] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="Mapping file (YAML).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    dead_letter_late: Annotated[
        bool, typer.Option("--dead-letter-late", help="Set aside facts that come too late.")
    ] = False,
    long_history: Annotated[
        bool, typer.Option("--long-history", help="Let facts reach over more than 20 years.")
    ] = False,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give up the import that was broken off.")
    ] = False,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Bring files into the log as facts. The same command again takes up a broken one."""
    work: _Kafka | _Embedded
    if mode is Mode.KAFKA:
        servers = kafka_servers(context)
        work, folder = _Kafka(servers), _spools(data, servers.kafka)
    else:
        work, folder = _Embedded(), DataFolder(needed_folder(context, data))
    if abandon:
        _say_abandoned(context, work.abandon(folder))
        return
    if not files or map_file is None:
        raise typer.BadParameter("name the files, and their mapping by --map", ctx=context)
    terminal = terminal_of(context)
    command = ImportCommand(folder, tuple(files), map_file, dead_letter_late, long_history)
    with stage_bars(terminal.catalogue) as report:
        if dry_run:
            planned = work.plan(command, report)
        else:
            summary = work.run(command, report)
    outcome = planned if dry_run else summary
    if as_json:
        terminal.json(outcome)
    elif dry_run:
        terminal.show(dry_run_words(planned, terminal.catalogue))
    else:
        terminal.show(summary_words(summary, terminal.catalogue))


class _Embedded:
    """Imports into a folder."""

    def run(self, command: ImportCommand, report: Report) -> ImportSummary:
        return run_command(command, IngestSettings(), SystemClock(), report)

    def plan(self, command: ImportCommand, report: Report) -> DryRunReport:
        return plan_command(command, IngestSettings(), SystemClock(), report)

    def abandon(self, folder: DataFolder) -> AbandonedImport | None:
        return abandon_command(folder, IngestSettings(), SystemClock())


class _Kafka:
    """Imports into the log on Kafka."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def run(self, command: ImportCommand, report: Report) -> ImportSummary:
        settings, wall = IngestSettings(), SystemClock()
        return uvloop.run(distributed.import_files(self._servers, command, settings, wall, report))

    def plan(self, command: ImportCommand, report: Report) -> DryRunReport:
        settings, wall = IngestSettings(), SystemClock()
        return uvloop.run(distributed.plan(self._servers, command, settings, wall, report))

    def abandon(self, folder: DataFolder) -> AbandonedImport | None:
        return uvloop.run(distributed.abandon(self._servers, folder.spools, SystemClock()))


def _spools(data: Path | None, kafka: KafkaSettings) -> DataFolder:
    """Return where the import keeps its spool; without it, it reads its files again.

    Where no folder is named, each log has one of its own: imports into two logs do not meet.
    """
    if data is not None:
        return DataFolder(data)
    log = hashlib.sha256(f"{kafka.bootstrap_servers} {kafka.topic_prefix}".encode()).hexdigest()
    return DataFolder(Path(tempfile.gettempdir()) / f"holdfast-{log[:12]}")


def _say_abandoned(context: typer.Context, given_up: AbandonedImport | None) -> None:
    terminal = terminal_of(context)
    if given_up is None:
        terminal.show(terminal.catalogue.say("No import is under way."))
    else:
        terminal.show(
            terminal.catalogue.say(
                "Import {id} is given up; what it had appended stays.", id=given_up.import_id
            )
        )
