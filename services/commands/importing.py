"""`holdfast import`: files into facts."""

from pathlib import Path
from typing import Annotated

import typer

from infra.clock import SystemClock
from infra.folder import DataFolder
from services.commands.import_words import dry_run_words, summary_words
from services.commands.progress import stage_bars
from services.commands.terminal import DataOption, JsonOption, terminal_of
from services.importing import ImportCommand, abandon_command, plan_command, run_command
from services.ingest.settings import IngestSettings

app = typer.Typer()


@app.command("import")
def import_files(
    context: typer.Context,
    data: DataOption,
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
) -> None:
    """Bring files into the log as facts. The same command again takes up a broken one."""
    if abandon:
        _abandon(context, DataFolder(data))
        return
    if not files or map_file is None:
        raise typer.BadParameter("name the files, and their mapping by --map", ctx=context)
    terminal = terminal_of(context)
    command = ImportCommand(
        DataFolder(data), tuple(files), map_file, dead_letter_late, long_history
    )
    with stage_bars(terminal.catalogue) as report:
        if dry_run:
            planned = plan_command(command, IngestSettings(), SystemClock(), report)
        else:
            summary = run_command(command, IngestSettings(), SystemClock(), report)
    outcome = planned if dry_run else summary
    if as_json:
        terminal.json(outcome)
    elif dry_run:
        terminal.show(dry_run_words(planned, terminal.catalogue))
    else:
        terminal.show(summary_words(summary, terminal.catalogue))


def _abandon(context: typer.Context, folder: DataFolder) -> None:
    terminal = terminal_of(context)
    given_up = abandon_command(folder, IngestSettings(), SystemClock())
    if given_up is None:
        terminal.show(terminal.catalogue.say("No import is under way."))
    else:
        terminal.show(
            terminal.catalogue.say(
                "Import {id} is given up; what it had appended stays.", id=given_up.import_id
            )
        )
